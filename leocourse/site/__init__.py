"""The book as a site: build, pages, live cells, and copies that work offline."""
