"""The soak: many people at work over HTTP while processes and connections are killed, then what must be true."""
