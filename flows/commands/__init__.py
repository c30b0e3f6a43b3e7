"""One module per command of `zhijian`; each says what it does in its `--help`."""
