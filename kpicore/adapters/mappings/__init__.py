"""Ready mappings, one TOML file each."""
