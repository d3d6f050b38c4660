"""Lives: what happens to people, before anybody records it."""
