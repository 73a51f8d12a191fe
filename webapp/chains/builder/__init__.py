"""The builder's page: its form, its cards, its actions."""
