"""The tests mirror webapp/ and worker/; journeys/ tell whole stories, house/ audits the house."""
