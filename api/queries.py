"""Every query that the service sends to Neo4j. Only these texts ever run; all that varies is a parameter."""

from __future__ import annotations

# A node is found by its key, which is unique over the graph; one index seek a label, never a scan.
_BY_KEY = """CALL (key) {{
  MATCH (n:Entity {{key: key}}) RETURN n AS {name}
  UNION MATCH (n:Fact {{key: key}}) RETURN n AS {name}
  UNION MATCH (n:Phone {{key: key}}) RETURN n AS {name}
  UNION MATCH (n:Address {{key: key}}) RETURN n AS {name}
  UNION MATCH (n:Household {{key: key}}) RETURN n AS {name}
}}"""

ALIVE = "RETURN 1 AS alive"

DATASETS = """
MATCH (d:Dataset)
RETURN d.dataset AS dataset, d.title AS title, d.agency AS agency, d.rows AS rows, d.rejected AS rejected,
       toString(d.loadedAt) AS loaded_at, d.lastEvent AS last_event
ORDER BY dataset
"""

COUNTS = """
RETURN COUNT { (:Person) } AS Person, COUNT { (:Company) } AS Company, COUNT { (:TradeName) } AS TradeName,
       COUNT { (:Property) } AS Property, COUNT { (:Fact) } AS Fact
"""

SEARCH = """
CALL db.index.fulltext.queryNodes('entityNames', $words, {limit: $most}) YIELD node, score
WHERE $label = '' OR $label IN labels(node)
WITH node, score, node.name = $exact AS same
ORDER BY same DESC, score DESC, node.key
WITH collect(node) AS found
UNWIND found[$offset..$offset + $limit] AS node
RETURN node, labels(node) AS labels, COUNT { (node)<--(:Fact) } AS records, size(found) AS total
"""

# A number is never in the graph: people and phones are found by its keyed hash, companies by their public code.
BY_NUMBER = """
CALL () { MATCH (node:Person {idHash: $id_hash}) RETURN node
  UNION MATCH (node:Company {creditCode: $code}) RETURN node
  UNION MATCH (:Phone {key: $phone})<-[:HAS_PHONE]-(node:Entity) RETURN node }
WITH collect(DISTINCT node) AS found
UNWIND found[$offset..$offset + $limit] AS node
RETURN node, labels(node) AS labels, COUNT { (node)<--(:Fact) } AS records, size(found) AS total
"""

ENTITY = """
MATCH (e:Entity {key: $key})
CALL (e) { MATCH (e)<--(f:Fact) WITH f.dataset AS dataset, count(DISTINCT f) AS records ORDER BY dataset
  RETURN collect({dataset: dataset, records: records}) AS datasets, sum(records) AS records }
RETURN e AS node, labels(e) AS labels, datasets, records
"""

RECORDS = """
MATCH (e:Entity {key: $key})<-[r]-(f:Fact)
WHERE $dataset = '' OR f.dataset = $dataset
WITH f, min(r.probability) AS probability, collect(DISTINCT r.role) AS roles
ORDER BY f.knownFrom DESC, f.key
SKIP $offset LIMIT $limit
RETURN f AS node, labels(f) AS labels, probability, roles
"""

RECORD_COUNT = """
MATCH (e:Entity {key: $key})<--(f:Fact)
WHERE $dataset = '' OR f.dataset = $dataset
RETURN count(DISTINCT f) AS total
"""

FACTS = """
UNWIND $keys AS key
MATCH (f:Fact {key: key})
RETURN f AS node, labels(f) AS labels
"""

NODES = f"""
UNWIND $keys AS key
{_BY_KEY.format(name="node")}
RETURN node, labels(node) AS labels, COUNT {{ (node)--() }} - COUNT {{ (node)-[:MAY_BE]-() }} AS degree
"""

# How many there are is read from the node's degree, so that a hub costs no more than what is shown of it. MAY_BE keeps
# models from accusing on a doubt and ties nobody: pictures and ways leave it out.
NEIGHBOURS = f"""
UNWIND $keys AS key
{_BY_KEY.format(name="from")}
CALL (from) {{
  MATCH (from)-[:!MAY_BE]-(near)
  WHERE NOT near.key IN $known AND NOT near:Dataset AND (from.key = $root OR coalesce(from.holders, 0) <= $hot)
  RETURN DISTINCT near LIMIT $limit
}}
RETURN DISTINCT near.key AS key
LIMIT $limit
"""

# The two ends of a fact are worth more on a picture than a tenth row of the same kind: entities first.
AROUND_FACTS = """
UNWIND $keys AS key
MATCH (f:Fact {key: key})-->(e:Entity)
RETURN DISTINCT e.key AS key
ORDER BY key
LIMIT $limit
"""

# A phone, address or household that two of them share is evidence of its own.
SHARED = """
UNWIND $keys AS key
CALL (key) {
  MATCH (:Entity {key: key})-[:HAS_PHONE|HAS_ADDRESS]->(tie) RETURN tie
  UNION MATCH (:Fact {key: key})-[:IN_HOUSEHOLD]->(tie) RETURN tie
}
WITH key, tie WHERE coalesce(tie.holders, tie.members, 0) <= $hot AND NOT tie.key IN $keys
WITH tie.key AS tie, count(DISTINCT key) AS holders
WHERE holders > 1
RETURN tie AS key ORDER BY holders DESC, key LIMIT $limit
"""

EDGES = f"""
UNWIND $keys AS key
{_BY_KEY.format(name="from")}
MATCH (from)-[r:!MAY_BE]->(to) WHERE to.key IN $keys
RETURN elementId(r) AS id, from.key AS source, to.key AS target, type(r) AS type,
       r.probability AS probability, r.role AS role
ORDER BY source, target, type
LIMIT $limit
"""

# A market hall's address or a filing agent's phone joins everybody: it is no way from one to another.
PATHS = """
MATCH (a:Entity {key: $source}), (b:Entity {key: $target})
MATCH path = allShortestPaths((a)-[*..8]-(b))
WHERE all(n IN nodes(path) WHERE coalesce(n.holders, 0) <= $hot AND NOT n:Dataset)
  AND none(r IN relationships(path) WHERE type(r) = 'MAY_BE')
WITH path LIMIT $limit
RETURN [n IN nodes(path) | n.key] AS keys,
       reduce(weakest = 1.0, r IN relationships(path) |
         CASE WHEN coalesce(r.probability, 1.0) < weakest THEN r.probability ELSE weakest END) AS probability
"""

ALL_COUNT = "RETURN COUNT { (:Entity) } + COUNT { (:Fact) } AS total"

# Entities first: a graph that must be cut keeps whom it is about.
ALL_NODES = """
CALL () { MATCH (n:Entity) RETURN n UNION ALL MATCH (n:Fact) RETURN n }
WITH n LIMIT $limit
RETURN n.key AS key, n.name AS name, n.dataset AS dataset,
       [label IN labels(n) WHERE NOT label IN ['Entity', 'Fact']][0] AS label
"""

ALL_EDGES = """
UNWIND $keys AS key
CALL (key) { MATCH (n:Entity {key: key}) RETURN n UNION MATCH (n:Fact {key: key}) RETURN n }
MATCH (n)-[r:!MAY_BE]->(m:Entity|Fact) WHERE m.key IN $keys
RETURN n.key AS source, m.key AS target, type(r) AS type, r.probability AS probability, r.role AS role
"""
