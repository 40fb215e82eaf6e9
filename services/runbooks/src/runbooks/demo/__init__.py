"""The demo: real public data, the service that enriches them, and how both get into an installation."""
