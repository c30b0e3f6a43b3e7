"""What is measured, against whom, on what. The figures are in README.md beside the date and the machine."""
