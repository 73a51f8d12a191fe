"""What is known of a vehicle and of a partner, shown beside the calendar and beside a chain."""
