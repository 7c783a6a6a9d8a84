"""The words an administrator has watched for in comments that wait."""
