"""The report's page: its template and its style. Values come in escaped; nothing is fetched and no script runs."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #4b5560; --line: #c9d1d9; --paper: #fff; --panel: #f3f5f7;
  --accent: #00558c; --now: #fff3c4; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf0; --soft: #b3bcc6; --line: #46505b; --paper: #14181d; --panel: #1f252c; --accent: #7cc4f5;
    --now: #4a3f12; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--accent); }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { margin: .4rem 0; max-width: 48rem; }
a { color: var(--accent); }
code, .tw-code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: .85em;
  overflow-wrap: anywhere; }
.tw-soft, .tw-note, .tw-missing { color: var(--soft); }
.tw-missing { font-style: italic; }
.tw-note { font-size: .87rem; }
.tw-status { font-size: 1.1rem; font-weight: 600; padding: .7rem .9rem; background: var(--panel);
  border-left: 5px solid var(--accent); max-width: none; }
.tw-cut { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .9rem 0; font-size: .87rem; }
.tw-cut dt { color: var(--soft); }
.tw-cut dd { margin: 0; overflow-wrap: anywhere; }
.tw-numbers { display: grid; grid-template-columns: repeat(5, 1fr); gap: .5rem; margin: 1rem 0; }
.tw-numbers div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .5rem .7rem;
  background: var(--panel); }
.tw-numbers dt { color: var(--soft); font-size: .82rem; line-height: 1.25; }
.tw-numbers dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
.tw-scroll { overflow-x: auto; margin: .6rem 0 1rem; }
.tw-table { border-collapse: collapse; width: 100%; font-size: .87rem; }
.tw-table caption { text-align: left; font-weight: 600; padding: .3rem 0; }
.tw-table th, .tw-table td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
.tw-table thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
.tw-table tbody th { font-weight: 600; }
.tw-table tbody .tw-again { font-weight: 400; color: var(--soft); }
.tw-table .tw-number { text-align: right; }
.tw-table td.tw-number:not(.tw-missing) { white-space: nowrap; }
.tw-table .tw-instant, .tw-table .tw-day { white-space: nowrap; }
.tw-table .tw-current { background: var(--now); outline: 2px solid var(--ink); outline-offset: -2px; }
.tw-figure { margin: .8rem 0 1.2rem; }
.tw-figure figcaption { font-weight: 600; margin-bottom: .4rem; }
.tw-drawing { background: #fff; padding: .3rem; width: fit-content; max-width: 100%; }
.tw-drawing svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.tw-figure summary { cursor: pointer; color: var(--accent); padding: .25rem 0; font-size: .87rem; }
.tw-decision { border: 1px solid var(--line); padding: .2rem .9rem .4rem; margin: .8rem 0; }
.tw-decision h3 { margin-top: .6rem; }
@media (max-width: 40rem) {
  .tw-numbers { grid-template-columns: repeat(2, 1fr); }
  .tw-cut { grid-template-columns: 1fr; } .tw-cut dd { margin-bottom: .3rem; }
  .tw-drawing { max-width: none; } .tw-drawing svg { min-width: 34rem; } }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.4; }
  h1 { font-size: 15pt; } h2 { font-size: 12pt; margin-top: 1.3rem; break-after: avoid; }
  h3, .tw-table caption { break-after: avoid; }
  p { max-width: none; orphans: 3; widows: 3; }
  .tw-figure, .tw-decision, .tw-short, .tw-table tr, .tw-numbers, .tw-status { break-inside: avoid; }
  .tw-figure details { display: none; }
  .tw-scroll { overflow: visible; }
  .tw-note, .tw-cut { font-size: 8.3pt; }
  .tw-table { font-size: 7.8pt; } .tw-table th, .tw-table td { padding: .18rem .35rem; }
  .tw-table thead { display: table-header-group; }
  .tw-numbers dd { font-size: 14pt; }
  .tw-numbers div, .tw-status, .tw-table .tw-current { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Trialwright {{ provenance.software }}">
<title>{{ study.id }}: report at data cut {{ provenance.sequence }}</title>
<style>{{ style | safe }}</style>
<style>
@page { size: A4; margin: 16mm 14mm 18mm;
  @bottom-left { font: 8pt sans-serif; content: "{{ study.id }}, data cut {{ provenance.sequence }}, {{ head }}"; }
  @bottom-right { font: 8pt sans-serif; content: "Page " counter(page) " of " counter(pages); } }
</style>
</head>
<body>
<header>
<p class="tw-soft">Trial report, {{ study.id }}, protocol version {{ study.version }}</p>
<h1>{{ study.title }}</h1>
<p>{{ study.kind[0] | upper }}{{ study.kind[1:] }}, {{ study.condition }}.
{%- for product in study.products %} {{ product.name }}, {{ product.route }}.{% endfor %}</p>
<dl class="tw-cut">
<dt>Data cut</dt>
<dd>entry {{ provenance.sequence }} of the log, {{ provenance.at.strftime("%Y-%m-%d %H:%M:%S") }} UTC</dd>
<dt>Hash of that entry</dt><dd><code>{{ provenance.head }}</code></dd>
<dt>Protocol SHA-256</dt><dd><code>{{ provenance.protocol_sha256 }}</code></dd>
<dt>Software</dt><dd>Trialwright {{ provenance.software }}</dd>
<dt>Reader</dt><dd>{{ scope }}</dd>
</dl>
</header>
<main>
<h2>Where the trial stands</h2>
<p class="tw-status">{{ view.status }}</p>
{% if escalates and view.viewer and not view.stopped %}
<p>The dose rule now says: {{ view.next_dose.why }}</p>
{% endif %}
<dl class="tw-numbers">
{% for name, number in numbers %}
<div><dt>{{ name }}</dt><dd>{{ number }}</dd></div>
{% endfor %}
</dl>
{% if escalates %}
<h2>Dose escalation</h2>
{{ escalation }}
<h2>Dose decisions</h2>
{% for decision, standing, signatures in decisions %}
<section class="tw-decision" aria-labelledby="decision-{{ decision.number }}">
<h3 id="decision-{{ decision.number }}">Decision {{ decision.number }} at level {{ decision.level }}:
{{ decision.decision }} ({{ standing }})</h3>
<dl class="tw-cut">
<dt>Data</dt>
<dd>entry {{ decision.cut }} of the log, <code>{{ decision.outcomes }}</code>
({{ study.rule.letters }})</dd>
<dt>Rule recommends</dt><dd>{{ decision.recommended }}. {{ decision.why }}</dd>
<dt>Decided</dt>
<dd>{{ decision.decision }}{% if decision.dose %}; next dose level {{ decision.dose }}{% endif %}
{% if decision.mtd %}; {{ study.rule.seeks }} level {{ decision.mtd }}{% endif %}</dd>
<dt>Reason</dt><dd>{{ decision.reason or "none needed: it follows the rule" }}</dd>
<dt>Proposed</dt><dd>by {{ decision.by }}, {{ decision.at.strftime("%Y-%m-%d %H:%M") }} UTC</dd>
</dl>
{{ signatures }}
</section>
{% else %}
<p>No dose decision was proposed yet.</p>
{% endfor %}
<h2>Dose-limiting toxicities</h2>
{{ rates }}
{{ rate_figure }}
{% endif %}
{% if responses or survivals %}
<h2>Efficacy</h2>
{% for table in responses %}
{{ table }}
{% endfor %}
{% for table, figure in survivals %}
{{ table }}
{{ figure }}
{% endfor %}
{% endif %}
<h2>Adverse events</h2>
{{ adverse_events }}
{{ adverse_event_listing }}
<h2>Subjects</h2>
{{ subjects }}
{% if escalates %}
<h2>Dose rule of the protocol</h2>
<p>{{ rule }}</p>
{{ decision_table }}
{% endif %}
<h2>What the protocol assumes</h2>
{{ ledger }}
</main>
</body>
</html>
"""
