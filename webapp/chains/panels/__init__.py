"""What stands beside a chain: money, facts, timeline, map, and why not."""
