"""What people work from: calls to review, coaching lists, and how right the results are where the truth is known."""
