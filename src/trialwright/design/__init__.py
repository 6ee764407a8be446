"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""
