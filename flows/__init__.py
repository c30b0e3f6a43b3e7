"""What runs: the Prefect flow over the rooms of `pipeline`, and the command line `zhijian`."""
