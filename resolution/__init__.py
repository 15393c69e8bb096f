"""Agency files to resolved entities."""
