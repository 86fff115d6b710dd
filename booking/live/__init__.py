"""The socket of live pages: an adapter beside the views, served by uvicorn. See docs/adr/0015."""
