"""Chains that are being built: kept, changed, copied, and how they hold their vehicles."""
