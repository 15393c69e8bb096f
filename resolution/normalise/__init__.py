"""Normalisation: names, numbers and addresses as agencies write them, brought to one form that can be compared.

The modules `person`, `company`, `address`, `identity`, `phone` hold pure functions on strings; `tables` fills the
`norm` tables of the workspace from distinct values. Word lists lie in `resolution/lexicon/`.
"""
