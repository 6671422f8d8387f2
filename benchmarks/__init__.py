"""How fast the engine is beside DuckDB and Polars, on the same numbers."""
