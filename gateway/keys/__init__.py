"""What is kept under the installation's secret: sealed secrets, keys that sign."""
