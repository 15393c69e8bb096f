"""Profiles: mentions brought to comparable attributes, the equal ones as one row, and what is certain without scoring.

Each `*_profiles` function leaves two tables for `link` and `cluster`:
`profile(unique_id, anchor, weight, …attributes)` and `profile_of(mention_id, unique_id)`.
An anchor is a group of profiles that are one entity for certain (the same valid number and compatible names).
"""

from __future__ import annotations

import duckdb

# A phone or address with more bearers than this is an agency's, a mall's or a placeholder: it ties nobody.
HOT_PHONE = 12
HOT_ADDRESS = 40
# A handful of rows is still about a place with this many people: without it every name would look rare and shared.
LEAST_POPULATION = 1000
REGISTERS = ("once", "among", "held")
LEGAL_FORMS = "股份有限公司|股份公司|有限责任公司|有限公司|公司|合作社|合伙企业|集团"


def person_profiles(connection: duckdb.DuckDBPyConnection) -> None:
    """People: resident ID, name, birth date, sex, address, phone, and what their rows hang on."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE part AS
        SELECT t.mention_id, m.dataset, t.register, t.once, t.among, t.held, t.pool, t.adult_by, n.full
            AS name, n.surname, n.given, n.pinyin, n.fuzzy, n.shape, n.titled,
            f.full AS former,
            CASE WHEN i.kind = 'resident' AND i.valid THEN i.canonical END AS id_sound,
            CASE WHEN i.kind = 'resident' THEN i.canonical WHEN i.kind = 'invalid'
                AND length(i.canonical) BETWEEN 17 AND 19
                THEN i.canonical END AS id_number,
            -- a number of another kind: a passport, an insurance or tax number of another country
            CASE WHEN i.kind = 'invalid' AND length(i.canonical) BETWEEN 5 AND 13 THEN i.canonical END AS document,
            CASE WHEN i.kind = 'masked' THEN coalesce(i.prefix, '') END AS id_prefix,
            CASE WHEN i.kind = 'masked' THEN coalesce(i.suffix, '') END AS id_suffix,
            TRY_CAST(t.birth_date AS DATE) AS birth_stated,
            CASE WHEN t.sex IN ('男', '女') THEN t.sex END AS sex_stated,
            coalesce(birth_stated, CASE WHEN i.kind = 'resident'
                AND i.valid THEN i.birth END) AS birth,
            coalesce(sex_stated,
                     CASE WHEN i.kind = 'resident' AND i.valid THEN i.sex END) AS sex,
            {_address_columns("a")},
            CASE WHEN NOT p.placeholder THEN p.canonical END AS phone
        FROM mention_text t JOIN mentions m USING (mention_id)
        JOIN norm.person_name n ON n.value = t.name
        LEFT JOIN norm.person_name f ON f.value = t.former_name
        LEFT JOIN norm.identity i ON i.value = t.id
        LEFT JOIN norm.address a ON a.value = t.address
        LEFT JOIN norm.phone p ON p.value = t.phone
        WHERE m.kind = 'person'"""
    )
    _fill_districts(connection)
    _cool(connection, "phone", HOT_PHONE, "coalesce(id_sound, name)")
    _cool(connection, "address", HOT_ADDRESS, "coalesce(id_sound, name)")
    # The name that belongs to a number: the one most rows give it, those of registers first.
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE bearer AS
        SELECT id_sound, name, pinyin, fuzzy, shape, surname FROM part WHERE id_sound IS NOT NULL AND NOT titled
        GROUP BY id_sound, name, pinyin, fuzzy, shape, surname
        QUALIFY row_number() OVER (PARTITION BY id_sound ORDER BY
            sum(CASE WHEN register THEN 3 ELSE 1 END) DESC, name) = 1"""
    )
    # A former name is what the register says, or what two agencies write beside the number under the same surname:
    # a relative's number does not slip in twice beside one name.
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE known_former AS
        SELECT id_sound, former AS name FROM part WHERE id_sound IS NOT NULL AND former IS NOT NULL
        UNION SELECT p.id_sound, p.name FROM part p JOIN bearer b USING (id_sound)
        WHERE p.surname = b.surname AND NOT p.titled GROUP BY ALL HAVING count(DISTINCT p.dataset) > 1"""
    )
    # One character of a longer name written wrong, whichever it is, unless somebody with another number bears the name
    # as written: then the number may be a relative's, and brothers share all but one character.
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE slip AS
        SELECT DISTINCT p.id_sound, p.name FROM part p JOIN bearer b USING (id_sound)
        WHERE p.name <> b.name AND p.surname = b.surname AND NOT p.titled
            AND length(p.name) = length(b.name) AND length(p.given) >= 2
            AND len(list_filter(list_zip(string_split(p.name, ''), string_split(b.name, '')),
                lambda pair: pair[1] <> pair[2])) = 1
            AND NOT EXISTS (SELECT 1 FROM bearer other WHERE other.name = p.name AND other.id_sound <> p.id_sound)"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE sound AS
        SELECT p.mention_id, coalesce(p.name = b.name OR p.pinyin = b.pinyin OR p.shape = b.shape OR p.fuzzy = b.fuzzy
                OR (p.titled AND p.surname = b.surname) OR k.name IS NOT NULL OR p.former = b.name
                OR slip.name IS NOT NULL, false) AS compatible
        FROM part p JOIN bearer b USING (id_sound)
        LEFT JOIN known_former k ON k.id_sound = p.id_sound AND k.name = p.name
        LEFT JOIN slip ON slip.id_sound = p.id_sound AND slip.name = p.name"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE described AS
        SELECT p.* EXCLUDE (birth, sex, id_number),
            CASE WHEN s.compatible THEN p.id_sound END AS id_valid,
            CASE WHEN s.compatible IS NOT FALSE THEN p.id_number END AS id_number,
            p.id_number AS id_given,
            -- someone else's number says nothing about this person
            CASE WHEN s.compatible IS FALSE THEN p.birth_stated ELSE p.birth END AS birth,
            CASE WHEN s.compatible IS FALSE THEN p.sex_stated ELSE p.sex END AS sex
        FROM part p LEFT JOIN sound s USING (mention_id)"""
    )
    _profile_table(
        connection,
        anchor="id_valid",
        attributes=[
            "name", "surname", "pinyin", "fuzzy", "shape", "titled", "id_valid", "id_number",
            "id_given", "id_prefix", "id_suffix",
            "birth", "sex", "address", "place", "address_unit", "district", "phone", "pool",
        ],
        apart=["document"],
        least=["adult_by"],
        telling="""address_unit OR phone IS NOT NULL
            OR (birth IS NOT NULL AND (district IS NOT NULL OR id_number IS NOT NULL))""",
    )  # fmt: skip
    # In which registers each one stands, and among whose people it is: of an anchor all, of a loose row its own.
    gathered = ", ".join(
        f"list_sort(list_distinct(list(d.{name}) FILTER (d.{name} IS NOT NULL))) AS {name}" for name in REGISTERS
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE stands_in AS SELECT coalesce(p.anchor, p.unique_id) AS unit, {gathered}
        FROM described d JOIN profile_of USING (mention_id) JOIN profile p USING (unique_id) GROUP BY unit"""
    )
    for name in REGISTERS:
        connection.execute(f"ALTER TABLE profile ADD COLUMN {name} VARCHAR[]")
    connection.execute(
        """UPDATE profile SET among = s.among,
            once = CASE WHEN anchor IS NULL THEN s.once ELSE coalesce(s.once, []) END,
            held = CASE WHEN anchor IS NULL THEN s.held ELSE coalesce(s.held, []) END
        FROM stands_in s WHERE s.unit = coalesce(profile.anchor, profile.unique_id)"""
    )
    # A former name is one more name under the same number.
    connection.execute(
        """INSERT INTO profile BY NAME
        SELECT p.* REPLACE (f.former_id AS unique_id, n.full AS name, n.surname AS surname, n.pinyin AS pinyin,
                            n.fuzzy AS fuzzy, n.shape AS shape)
        FROM (SELECT unique_id, any_value(d.former) AS former, 'former:' || unique_id AS former_id
              FROM described d JOIN profile_of USING (mention_id)
                  WHERE d.former IS NOT NULL AND d.former <> d.name GROUP BY unique_id) f
        JOIN profile p USING (unique_id) JOIN (SELECT DISTINCT ON ("full") *
            FROM norm.person_name) n ON n.full = f.former"""
    )
    connection.execute(
        """UPDATE profile SET anchor = replace(unique_id, 'former:', 'own:')
        WHERE anchor IS NULL AND unique_id LIKE 'former:%'"""
    )
    connection.execute(
        """UPDATE profile SET anchor = 'own:' || unique_id
        WHERE anchor IS NULL AND 'former:' || unique_id IN (SELECT unique_id FROM profile)"""
    )
    connection.execute("ALTER TABLE profile ADD COLUMN id_tail VARCHAR; ALTER TABLE profile ADD COLUMN id_head VARCHAR")
    connection.execute(
        """UPDATE profile SET id_tail = CASE
            WHEN length(coalesce(id_suffix, id_number)) >= 3 THEN right(coalesce(id_suffix, id_number), 3) END,
            id_head = CASE WHEN length(id_number) >= 17 THEN left(id_number, 10) END"""
    )
    _name_frequencies(connection)


def _name_frequencies(connection: duckdb.DuckDBPyConnection) -> None:
    """`frequency_name(name, tf_name)`: how likely another person bears the name; `rare_name` where few do.

    Counted over certain people, the bearer himself left out, and never less than what surname and given characters
    lead one to expect (they are drawn apart from each other): a name that one person bears here is not for that unique.
    """
    # Who bears a name: every anchor, and without one every birth date that no anchor of the name has.
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE borne AS
        WITH sure AS (SELECT DISTINCT anchor AS person, name, surname, birth
            FROM profile WHERE anchor IS NOT NULL AND NOT titled),
        other AS (SELECT DISTINCT name, surname, birth
            FROM profile WHERE anchor IS NULL AND NOT titled AND birth IS NOT NULL
            EXCEPT SELECT name, surname, birth FROM sure)
        SELECT DISTINCT person, name, surname, substr(name, length(surname) + 1) AS given FROM (
            SELECT person, name, surname FROM sure UNION ALL SELECT name || '/' || birth, name, surname FROM other)"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE frequency_name AS
        WITH n AS (SELECT greatest(count(DISTINCT person), {LEAST_POPULATION}) AS people FROM borne),
        names AS (SELECT DISTINCT name, surname, substr(name, length(surname) + 1) AS given
            FROM profile WHERE NOT titled),
        by_name AS (SELECT name, count(DISTINCT person) AS c FROM borne GROUP BY name),
        by_surname AS (SELECT surname, count(*) AS c FROM borne GROUP BY surname),
        by_given AS (SELECT given, count(*) AS c FROM borne GROUP BY given),
        by_char AS (SELECT ch, count(*) AS c FROM (SELECT unnest(string_split(given, '')) AS ch
            FROM borne) GROUP BY ch),
        given_length AS (SELECT length(given) AS len, count(*)::DOUBLE / (SELECT count(*) FROM borne) AS share
            FROM borne GROUP BY 1),
        letters AS (SELECT sum(c) AS total FROM by_char),
        drawn AS (
            SELECT given, product((coalesce(c, 0) + 1.0) / (SELECT total + 3000 FROM letters) ORDER BY ch) AS p
            FROM (SELECT DISTINCT given, unnest(string_split(given, '')) AS ch
                FROM names) LEFT JOIN by_char USING (ch) GROUP BY given)
        SELECT names.name, any_value(coalesce(by_name.c, 0)) AS bearers, greatest(1e-9,
            max((coalesce(by_name.c, 0) - 1.0) / n.people),
            max((coalesce(by_surname.c, 0) + 0.5) / n.people
                * greatest((coalesce(by_given.c, 0) - 1.0) / n.people,
                    coalesce(drawn.p * coalesce(given_length.share, 0.5), 0)))) AS tf_name
        FROM names CROSS JOIN n LEFT JOIN by_name USING (name) LEFT JOIN by_surname USING (surname)
        LEFT JOIN by_given USING (given) LEFT JOIN drawn USING (given)
            LEFT JOIN given_length ON given_length.len = length(names.given)
        GROUP BY names.name"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE frequency_pool AS
        SELECT pool, count(DISTINCT name)::DOUBLE / (SELECT count(DISTINCT coalesce(anchor, unique_id))
            FROM profile) AS tf_pool
        FROM profile WHERE pool IS NOT NULL GROUP BY pool"""
    )
    connection.execute("ALTER TABLE profile ADD COLUMN rare_name VARCHAR")
    connection.execute(
        """UPDATE profile SET rare_name = profile.name
            FROM frequency_name f, (SELECT count(DISTINCT person) AS people FROM borne) n
        WHERE f.name = profile.name AND NOT titled AND f.tf_name * n.people < 4"""
    )


def company_profiles(connection: duckdb.DuckDBPyConnection) -> None:
    """Companies: credit code, old registration number, parsed name, address, phone, people and matters beside them."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE part AS
        SELECT t.mention_id, t.dataset, n.full AS name, n.region, n.tradename, n.trade, n.branch, n.core, n.pinyin,
            regexp_replace(n.tradename, '.$', '') AS shape,
            coalesce(regexp_extract(n.full, '({LEGAL_FORMS})(\\(.*\\))?$', 1), '') AS form,
            CASE WHEN i.kind = 'credit' AND i.valid THEN i.canonical END AS code_valid,
            CASE WHEN length(i.canonical) = 18 AND i.kind IN ('credit', 'invalid') THEN i.canonical END AS code,
            CASE WHEN length(i.canonical) = 15 OR (i.kind IN ('resident', 'registration')
                AND length(regexp_replace(t.id, '[^0-9]', '', 'g')) = 15)
                THEN regexp_replace(t.id, '[^0-9]', '', 'g') END AS registration,
            {_address_columns("a")},
            CASE WHEN NOT p.placeholder THEN p.canonical END AS phone
        FROM mention_text t JOIN mentions m USING (mention_id)
        JOIN norm.company_name n ON n.value = t.name
        LEFT JOIN norm.identity i ON i.value = t.id
        LEFT JOIN norm.address a ON a.value = t.address
        LEFT JOIN norm.phone p ON p.value = t.phone
        WHERE m.kind = 'company'"""
    )
    _fill_districts(connection)
    _cool(connection, "phone", HOT_PHONE, "coalesce(code_valid, name)")
    _cool(connection, "address", HOT_ADDRESS, "coalesce(code_valid, name)")
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE described AS
        WITH numbered AS (
            SELECT *, replace(replace(form, '有限责任公司', '有限公司'), '股份公司', '股份有限公司') AS form_group,
                -- a branch that gives its parent's code is still another unit
                code_valid || CASE WHEN branch <> '' THEN '/' || branch ELSE '' END AS anchored
            FROM part),
        widest AS (SELECT anchored, arg_max(region, (length(region), region)) AS region FROM numbered
            WHERE anchored IS NOT NULL GROUP BY anchored),
        -- a short name leaves out the region that the same number bears elsewhere; after a move there are two
        whole AS (SELECT anchored, any_value(w.region) AS region FROM numbered n JOIN widest w USING (anchored)
            GROUP BY anchored HAVING bool_and(contains(w.region, n.region))),
        -- and so with the legal form, after a change of which there are two
        formed AS (SELECT anchored, any_value(form_group) AS form FROM numbered
            WHERE anchored IS NOT NULL AND form_group <> '' GROUP BY anchored HAVING count(DISTINCT form_group) = 1)
        SELECT numbered.*, coalesce(whole.region, numbered.region) AS region_known,
            coalesce(nullif(form_group, ''), formed.form, '') AS form_known
        FROM numbered LEFT JOIN whole USING (anchored) LEFT JOIN formed USING (anchored)"""
    )
    _profile_table(
        connection,
        anchor="anchored",
        attributes=[
            "name", "region", "region_known", "tradename", "trade", "branch", "core", "pinyin", "shape", "form",
            "form_group", "form_known", "code_valid", "code", "registration",
            "address", "place", "address_unit", "district", "phone",
        ],
        telling="true",
    )  # fmt: skip
    connection.execute(
        f"""CREATE OR REPLACE TABLE frequency_core AS
        WITH borne AS (SELECT DISTINCT coalesce(anchor, name) AS company, core, tradename, trade FROM profile),
        n AS (SELECT greatest(count(DISTINCT company), {LEAST_POPULATION}) AS companies FROM borne),
        -- a branch is no rival of its company
        known AS (SELECT DISTINCT anchor AS company, core, tradename, trade FROM profile
            WHERE anchor IS NOT NULL AND branch = ''),
        by_core AS (SELECT core, count(DISTINCT company) AS c FROM known GROUP BY core),
        by_tradename AS (SELECT tradename, count(DISTINCT company) AS c FROM known GROUP BY tradename),
        by_trade AS (SELECT trade, count(DISTINCT company) AS c FROM borne GROUP BY trade)
        SELECT p.core, greatest(1e-8, max((coalesce(c.c, 0) - 1.0) / n.companies),
            max(greatest(coalesce(t.c, 0) - 1.0, 0.05) / n.companies * (coalesce(b.c, 0) + 0.5) / n.companies))
                AS tf_core
        FROM (SELECT DISTINCT core, tradename, trade FROM profile) p CROSS JOIN n LEFT JOIN by_core c USING (core)
        LEFT JOIN by_tradename t USING (tradename) LEFT JOIN by_trade b USING (trade) GROUP BY p.core"""
    )


def property_profiles(connection: duckdb.DuckDBPyConnection) -> None:
    """Properties: certificate numbers and unit addresses; two certificates of one unit are one property."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE part AS
        SELECT t.mention_id, t.dataset, t.id AS certificate, t.address AS address_text, {_address_columns("a")}
        FROM mention_text t JOIN mentions m USING (mention_id) LEFT JOIN norm.address a ON a.value = t.address
        WHERE m.kind = 'property'"""
    )
    _fill_districts(connection)
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE described AS
        WITH usual AS (SELECT certificate, unit FROM (
                SELECT certificate, CASE
                    WHEN address_unit THEN coalesce(district, '') || '|' || address END AS unit, count(*) AS c
                FROM part WHERE certificate IS NOT NULL GROUP BY ALL)
            WHERE unit IS NOT NULL QUALIFY row_number() OVER (PARTITION BY certificate ORDER BY c DESC, unit) = 1),
        plain AS (SELECT coalesce(district, '') || '|' || address AS unit, min(certificate) AS certificate FROM part
            WHERE NOT address_unit AND certificate IS NOT NULL AND address IS NOT NULL
                GROUP BY 1 HAVING count(DISTINCT certificate) = 1)
        SELECT p.*, coalesce(u.unit, CASE WHEN p.certificate IS NULL
            AND p.address_unit THEN coalesce(p.district, '') || '|' || p.address END,
            p.certificate, plain.certificate, coalesce(p.district, '') || '|' || p.address, p.address_text) AS anchored
        FROM part p LEFT JOIN usual u USING (certificate)
        LEFT JOIN plain ON p.certificate IS NULL AND NOT p.address_unit
            AND plain.unit = coalesce(p.district, '') || '|' || p.address"""
    )
    _profile_table(
        connection,
        anchor="anchored",
        attributes=["certificate", "address", "place", "address_unit", "district"],
        telling="true",
    )


def trade_name_profiles(connection: duckdb.DuckDBPyConnection) -> None:
    """Trade names: a mark is its registration number; a shop is its operator and place, on whatever platform."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE part AS
        SELECT t.mention_id, t.dataset, n.full AS name, n.core, n.pinyin, t.id AS registration_number,
            o.entity_id AS operator, {_address_columns("a")}
        FROM mention_text t JOIN mentions m USING (mention_id) JOIN norm.trade_name n ON n.value = t.name
        LEFT JOIN (SELECT m.dataset, m.record_id, min(e.entity_id) AS entity_id, any_value(t.address) AS address
                   FROM mentions m JOIN mention_text t USING (mention_id) LEFT JOIN entity_of e USING (mention_id)
                   WHERE m.role = '经营者' GROUP BY ALL) o ON o.dataset = m.dataset AND o.record_id = m.record_id
        LEFT JOIN trade_place tp USING (mention_id)
        LEFT JOIN norm.address a ON a.value = coalesce(tp.address, o.address)
        WHERE m.kind = 'trade_name'"""
    )
    _fill_districts(connection)
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE described AS
        WITH held AS (SELECT core, address, min(operator) AS operator FROM part
            WHERE operator IS NOT NULL AND address IS NOT NULL
                GROUP BY core, address HAVING count(DISTINCT operator) = 1)
        SELECT p.*, CASE WHEN registration_number IS NOT NULL THEN 'mark/' || registration_number
            WHEN coalesce(p.operator, held.operator) IS NOT NULL AND p.address IS NOT NULL
                THEN 'shop/' || coalesce(p.operator, held.operator) || '/' || p.address
            WHEN p.address IS NOT NULL THEN 'shop/' || p.core || '/' || p.address
            WHEN p.operator IS NOT NULL THEN 'shop/' || p.operator || '/' || p.core END AS anchored
        FROM part p LEFT JOIN held ON p.operator IS NULL AND held.core = p.core AND held.address = p.address"""
    )
    _profile_table(
        connection,
        anchor="anchored",
        attributes=["name", "core", "pinyin", "registration_number", "operator", "address"],
        telling="true",
    )


def _address_columns(alias: str) -> str:
    return f"""{alias}.key AS address, {alias}.place_key AS place, {alias}.district AS district,
            coalesce({alias}.room, '') <> '' AND coalesce({alias}.base, '') <> '' AS address_unit"""


def _fill_districts(connection: duckdb.DuckDBPyConnection) -> None:
    """A place written without its district gets the one that all other rows give it."""
    connection.execute(
        """UPDATE part SET district = only_one.district FROM (
            SELECT place, min(district) AS district FROM part WHERE district <> '' AND place <> '' GROUP BY place
            HAVING count(DISTINCT district) = 1) only_one
        WHERE coalesce(part.district, '') = '' AND only_one.place = part.place"""
    )
    connection.execute("UPDATE part SET address = NULL, place = NULL WHERE address = ''")
    connection.execute("UPDATE part SET district = NULL WHERE district = ''")


def _cool(connection: duckdb.DuckDBPyConnection, column: str, limit: int, bearer: str) -> None:
    """Values with too many bearers tie nobody."""
    connection.execute(
        f"""UPDATE part SET {column} = NULL WHERE {column} IN (
            SELECT {column} FROM part WHERE {column} IS NOT NULL
                GROUP BY 1 HAVING count(DISTINCT {bearer}) > {limit})"""
    )


def _profile_table(
    connection: duckdb.DuckDBPyConnection,
    anchor: str,
    attributes: list[str],
    telling: str,
    least: list[str] | None = None,
    apart: list[str] | None = None,
) -> None:
    """Equal descriptions become one profile; a mention that says too little to be told from others stays alone.

    Attributes of `apart` tell descriptions apart where they are given; where none is, profiles are named without them.
    """
    same = ", ".join(f"coalesce({name}::VARCHAR, '')" for name in attributes)
    same += "".join(f", '{name}:' || {name}" for name in apart or [])
    attributes = [*attributes, *(apart or [])]
    connection.execute(
        f"""CREATE OR REPLACE TABLE profile_of AS
        SELECT mention_id, CASE WHEN {anchor} IS NOT NULL
            OR ({telling}) THEN md5(concat_ws('|', coalesce({anchor}, ''), {same}))
            ELSE 'mention:' || mention_id END AS unique_id FROM described"""
    )
    picked = ", ".join(
        [f"any_value({name}) AS {name}" for name in attributes] + [f"min({name}) AS {name}" for name in least or []]
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE profile AS
        WITH told AS (
            SELECT unique_id, any_value({anchor}) AS anchor, count(*) AS weight, min(mention_id) AS first_mention,
                {picked}
            FROM described JOIN profile_of USING (mention_id) GROUP BY unique_id),
        hung AS (
            SELECT unique_id, list_sort(list_distinct(list(key))) AS context,
                list_sort(list_distinct(list(key) FILTER (holders <= 8))) AS context_near
            FROM mention_context JOIN profile_of USING (mention_id) GROUP BY unique_id)
        SELECT told.*, hung.context, hung.context_near FROM told LEFT JOIN hung USING (unique_id)"""
    )
