"""What the trial shows: endpoints, intervals, tables, figures, report."""
