"""The pages that belong to no single measure: home, about, privacy, accessibility."""
