"""The city's answers to what people said (市の考え方)."""
