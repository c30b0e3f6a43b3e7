"""Where results are kept: the Parquet lake, the run ledger, and the spreadsheet writer."""
