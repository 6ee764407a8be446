"""What happened: commands, events, state, decide, evolve, views, roles, sealed."""
