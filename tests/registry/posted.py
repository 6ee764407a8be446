"""Invented posted results: in the API v2, in the API v1, in the classic XML, and as lines that a page prints."""

from typing import Any

RESULTS: dict[str, Any] = {
    "participantFlowModule": {
        "recruitmentDetails": "In one clinic of Utopia.",
        "groups": [
            {"id": "P1", "title": "Cells", "description": "One infusion."},
            {"id": "P2", "title": "Sham"},
        ],
        "periods": [
            {
                "title": "Overall Study",
                "milestones": [
                    {
                        "type": "STARTED",
                        "achievements": [
                            {"groupId": "P1", "numSubjects": "12"},
                            {"groupId": "P2", "comment": "One came late.", "numSubjects": "11"},
                        ],
                    }
                ],
                "dropWithdraws": [
                    {
                        "type": "Lost to Follow-up",
                        "reasons": [{"groupId": "P1", "numSubjects": "1"}, {"groupId": "P2", "numSubjects": "0"}],
                    }
                ],
            }
        ],
    },
    "baselineCharacteristicsModule": {
        "populationDescription": "All who were randomized",
        "groups": [{"id": "B1", "title": "Cells"}],
        "denoms": [{"units": "Participants", "counts": [{"groupId": "B1", "value": "12"}]}],
        "measures": [
            {
                "title": "Age",
                "paramType": "MEAN",
                "dispersionType": "STANDARD_DEVIATION",
                "unitOfMeasure": "years",
                "classes": [
                    {"categories": [{"measurements": [{"groupId": "B1", "value": "46.1", "spread": "12.3"}]}]}
                ],
            }
        ],
    },
    "outcomeMeasuresModule": {
        "outcomeMeasures": [
            {
                "type": "PRIMARY",
                "title": "Change in DAS28",
                "description": "With CRP.",
                "anticipatedPostingDate": "2028-01",
                "paramType": "LEAST_SQUARES_MEAN",
                "dispersionType": "95% Confidence Interval",
                "unitOfMeasure": "score",
                "timeFrame": "Week 12",
                "groups": [{"id": "O1", "title": "Cells"}],
                "denoms": [{"units": "Participants", "counts": [{"groupId": "O1", "value": "12"}]}],
                "classes": [
                    {
                        "title": "Week 12",
                        "categories": [
                            {
                                "title": "All joints",
                                "measurements": [
                                    {
                                        "groupId": "O1",
                                        "value": "-1.2",
                                        "lowerLimit": "-2.0",
                                        "upperLimit": "NA",
                                        "comment": "Too few events.",
                                    }
                                ],
                            }
                        ],
                    }
                ],
                "analyses": [
                    {
                        "groupIds": ["O1", "O2"],
                        "nonInferiorityType": "SUPERIORITY",
                        "pValue": "0.03",
                        "statisticalMethod": "ANCOVA",
                        "paramType": "Mean Difference (Net)",
                        "paramValue": "-0.6",
                        "dispersionType": "STANDARD_ERROR_OF_MEAN",
                        "ciPctValue": "95",
                        "ciNumSides": "TWO_SIDED",
                        "ciLowerLimit": "-1.1",
                        "ciUpperLimit": "-0.1",
                    }
                ],
            }
        ]
    },
    "adverseEventsModule": {
        "timeFrame": "28 days",
        "frequencyThreshold": "5",
        "eventGroups": [
            {"id": "E1", "title": "Cells", "deathsNumAffected": 0, "deathsNumAtRisk": 12, "seriousNumAffected": 1,
             "seriousNumAtRisk": 12},
        ],
        "seriousEvents": [
            {
                "organSystem": "Infections and infestations",
                "sourceVocabulary": "MedDRA 27.0",
                "assessmentType": "SYSTEMATIC_ASSESSMENT",
                "term": "Pneumonia",
                "stats": [{"groupId": "E1", "numEvents": 2, "numAffected": 1, "numAtRisk": 12}],
            }
        ],
    },
    "moreInfoModule": {
        "limitationsAndCaveats": {"description": "Stopped early."},
        "certainAgreement": {"piSponsorEmployee": False, "restrictiveAgreement": True, "otherDetails": "Delay."},
        "pointOfContact": {"title": "Head of nothing", "organization": "Imaginary Cells", "phone": "000"},
    },
}  # fmt: skip
"""The groups have the ids of the classic XML."""

V1: dict[str, Any] = {
    "ParticipantFlowModule": {
        "FlowRecruitmentDetails": "In one clinic of Utopia.",
        "FlowGroupList": {
            "FlowGroup": [
                {"FlowGroupId": "P1", "FlowGroupTitle": "Cells", "FlowGroupDescription": "One infusion."},
                {"FlowGroupId": "P2", "FlowGroupTitle": "Sham"},
            ]
        },
        "FlowPeriodList": {
            "FlowPeriod": [
                {
                    "FlowPeriodTitle": "Overall Study",
                    "FlowMilestoneList": {
                        "FlowMilestone": [
                            {
                                "FlowMilestoneType": "STARTED",
                                "FlowAchievementList": {
                                    "FlowAchievement": [
                                        {"FlowAchievementGroupId": "P1", "FlowAchievementNumSubjects": "12"},
                                        {
                                            "FlowAchievementGroupId": "P2",
                                            "FlowAchievementComment": "One came late.",
                                            "FlowAchievementNumSubjects": "11",
                                        },
                                    ]
                                },
                            }
                        ]
                    },
                    "FlowDropWithdrawList": {
                        "FlowDropWithdraw": [
                            {
                                "FlowDropWithdrawType": "Lost to Follow-up",
                                "FlowReasonList": {
                                    "FlowReason": [
                                        {"FlowReasonGroupId": "P1", "FlowReasonNumSubjects": "1"},
                                        {"FlowReasonGroupId": "P2", "FlowReasonNumSubjects": "0"},
                                    ]
                                },
                            }
                        ]
                    },
                }
            ]
        },
    },
    "AdverseEventsModule": {
        "EventsTimeFrame": "28 days",
        "EventsFrequencyThreshold": "5",
        "EventGroupList": {
            "EventGroup": [
                {
                    "EventGroupId": "E1",
                    "EventGroupTitle": "Cells",
                    "EventGroupDeathsNumAffected": "0",
                    "EventGroupDeathsNumAtRisk": "12",
                    "EventGroupSeriousNumAffected": "1",
                    "EventGroupSeriousNumAtRisk": "12",
                }
            ]
        },
        "SeriousEventList": {
            "SeriousEvent": [
                {
                    "SeriousEventOrganSystem": "Infections and infestations",
                    "SeriousEventSourceVocabulary": "MedDRA 27.0",
                    "SeriousEventAssessmentType": "Systematic Assessment",
                    "SeriousEventTerm": "Pneumonia",
                    "SeriousEventStatsList": {
                        "SeriousEventStats": [
                            {
                                "SeriousEventStatsGroupId": "E1",
                                "SeriousEventStatsNumEvents": "2",
                                "SeriousEventStatsNumAffected": "1",
                                "SeriousEventStatsNumAtRisk": "12",
                            }
                        ]
                    },
                }
            ]
        },
    },
    "MoreInfoModule": {
        "LimitationsAndCaveats": {"LimitationsAndCaveatsDescription": "Stopped early."},
        "CertainAgreement": {
            "AgreementPISponsorEmployee": "No",
            "AgreementRestrictiveAgreement": "Yes",
            "AgreementOtherDetails": "Delay.",
        },
        "PointOfContact": {
            "PointOfContactTitle": "Head of nothing",
            "PointOfContactOrganization": "Imaginary Cells",
            "PointOfContactPhone": "000",
        },
    },
}

XML = """<clinical_results>
  <participant_flow>
    <recruitment_details>In one clinic of Utopia.</recruitment_details>
    <group_list>
      <group group_id="P1"><title>Cells</title><description>One infusion.</description></group>
      <group group_id="P2"><title>Sham</title></group>
    </group_list>
    <period_list><period><title>Overall Study</title>
      <milestone_list><milestone><title>STARTED</title><participants_list>
        <participants group_id="P1" count="12"/><participants group_id="P2" count="11">One came late.</participants>
      </participants_list></milestone></milestone_list>
      <drop_withdraw_reason_list><drop_withdraw_reason><title>Lost to Follow-up</title><participants_list>
        <participants group_id="P1" count="1"/><participants group_id="P2" count="0"/>
      </participants_list></drop_withdraw_reason></drop_withdraw_reason_list>
    </period></period_list>
  </participant_flow>
  <baseline>
    <population>All who were randomized</population>
    <group_list><group group_id="B1"><title>Cells</title></group></group_list>
    <analyzed_list><analyzed><units>Participants</units><scope>Overall</scope>
      <count_list><count group_id="B1" value="12"/></count_list></analyzed></analyzed_list>
    <measure_list><measure><title>Age</title><units>years</units><param>Mean</param>
      <dispersion>Standard Deviation</dispersion>
      <class_list><class><category_list><category><measurement_list>
        <measurement group_id="B1" value="46.1" spread="12.3"/>
      </measurement_list></category></category_list></class></class_list></measure></measure_list>
  </baseline>
  <outcome_list><outcome>
    <type>Primary</type><title>Change in DAS28</title><description>With CRP.</description>
    <time_frame>Week 12</time_frame><posting_date>01/2028</posting_date>
    <group_list><group group_id="O1"><title>Cells</title></group></group_list>
    <measure><title>Change in DAS28</title><description>With CRP.</description><units>score</units>
      <param>Least Squares Mean</param><dispersion>95% Confidence Interval</dispersion>
      <analyzed_list><analyzed><units>Participants</units><scope>Measure</scope>
        <count_list><count group_id="O1" value="12"/></count_list></analyzed></analyzed_list>
      <class_list><class><title>Week 12</title><category_list><category><title>All joints</title><measurement_list>
        <measurement group_id="O1" value="-1.2" lower_limit="-2.0" upper_limit="NA">Too few events.</measurement>
      </measurement_list></category></category_list></class></class_list></measure>
    <analysis_list><analysis>
      <group_id_list><group_id>O1</group_id><group_id>O2</group_id></group_id_list>
      <non_inferiority_type>Superiority</non_inferiority_type><p_value>0.03</p_value><method>ANCOVA</method>
      <param_type>Mean Difference (Net)</param_type><param_value>-0.6</param_value>
      <dispersion_type>Standard Error of the Mean</dispersion_type><ci_percent>95</ci_percent>
      <ci_n_sides>2-Sided</ci_n_sides><ci_lower_limit>-1.1</ci_lower_limit><ci_upper_limit>-0.1</ci_upper_limit>
    </analysis></analysis_list>
  </outcome></outcome_list>
  <reported_events>
    <time_frame>28 days</time_frame>
    <group_list><group group_id="E1"><title>Cells</title></group></group_list>
    <serious_events>
      <frequency_threshold>5</frequency_threshold><default_vocab>MedDRA 27.0</default_vocab>
      <default_assessment>Systematic Assessment</default_assessment>
      <category_list>
        <category><title>Total</title><event_list>
          <event><sub_title>Total, all-cause mortality</sub_title>
            <counts group_id="E1" subjects_affected="0" subjects_at_risk="12"/></event>
          <event><sub_title>Total, serious adverse events</sub_title>
            <counts group_id="E1" subjects_affected="1" subjects_at_risk="12"/></event>
        </event_list></category>
        <category><title>Infections and infestations</title><event_list>
          <event><sub_title>Pneumonia</sub_title>
            <counts group_id="E1" events="2" subjects_affected="1" subjects_at_risk="12"/></event>
        </event_list></category>
      </category_list>
    </serious_events>
  </reported_events>
  <certain_agreements>
    <pi_employee>Principal Investigators are NOT employed by the organization sponsoring the study.</pi_employee>
    <restrictive_agreement>Delay.</restrictive_agreement>
  </certain_agreements>
  <limitations_and_caveats>Stopped early.</limitations_and_caveats>
  <point_of_contact><name_or_title>Head of nothing</name_or_title><organization>Imaginary Cells</organization>
    <phone>000</phone></point_of_contact>
</clinical_results>"""

PRINTED = """Participant Flow

Recruitment Details\tIn one clinic of Utopia.
Arm/Group Title\tCells\tSham
Started\t12\t11
Lost to Follow-up\t1\t0

Baseline Characteristics

Age [Mean (Standard Deviation)], years\t46.1 (12.3)

Outcome Measures

1. Primary Outcome
Change in DAS28\tWeek 12
Adverse events of the joints

Adverse Events

Pneumonia\t1/12 (8.33%)

Limitations and Caveats

Stopped early.

More Information

Head of nothing, Imaginary Cells
"""
