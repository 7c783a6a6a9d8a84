"""What is measured, against what, in one run: `make bench`. Ratios last; figures do not."""
