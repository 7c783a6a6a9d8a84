"""The translators' desk: the programme's texts in other languages, and the city's glossary."""
