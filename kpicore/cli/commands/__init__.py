"""One module per command, each with a click command called ``command``; imported when it is called."""
