"""The command line, the HTTP service and its pages."""
