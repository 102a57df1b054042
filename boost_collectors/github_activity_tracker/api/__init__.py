"""Reading GitHub: documents, pages, items, repositories, authors, comments. Knows no database."""
