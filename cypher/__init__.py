"""The supervision models, as files: see `graph.catalogue`, which reads them."""
