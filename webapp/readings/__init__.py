"""How the kanji of the programme are read: readings made once for each text, and corrections."""
