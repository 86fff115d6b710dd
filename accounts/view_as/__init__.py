"""Looking at the pages as another person sees them: visible, to read only, for half an hour."""
