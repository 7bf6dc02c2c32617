"""Intake: where cases come from, and whether their data is good.

Its packages in the order in which a row meets them; each looks only at those before it:

wording       what intake says of bad fields, rows, tables and mappings, in two languages
values        what one cell says: numbers, money, days, terms, shares and names
header_words  what a header says: which field or feature, in which unit, and what was known only later
shown         cells that show something else than the number in them
mapped        a mapping, and what it makes of a row
tabular       tables in files of any kind: unpacked, their header found
recognition   what the columns of a table that nobody mapped are
reading       a table opened, and its rows read by a mapping
stored        the tables of intake in the database (`models.py` has them all)
sources       sources as records, and how they are reached
people        applicants that are one
gate          the quality rules, and what is held for them
record        what came before, and by what it is known again
health        whether what a source sends looks as usual
signing       mappings as people make them
mending       held and refused data that people mend
admission     the one path by which rows become cases (`actions.py` begins it)
ways_in       the watched folder, databases, streams, topics and messages
"""
