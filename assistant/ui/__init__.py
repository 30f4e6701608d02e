"""The desktop: the only room with Qt."""
