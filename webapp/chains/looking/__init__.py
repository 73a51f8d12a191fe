"""Who could fill the slots of a chain: read once, asked by the rules, offered to the solver, shown as cards."""
