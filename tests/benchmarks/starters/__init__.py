"""Everything that is measured of a poem model: any model folder by the same yardstick as the shipped starter."""
