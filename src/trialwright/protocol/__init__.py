"""What the trial is: the typed study, its file, its checks and its prose."""
