"""What a week of comments says, for officials and for everyone."""
