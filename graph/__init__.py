"""Resolved entities and facts to a Neo4j graph, and the models that run over it."""
