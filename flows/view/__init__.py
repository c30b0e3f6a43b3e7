"""What the command line prints: progress, tables, and single calls. Personal data is masked."""
