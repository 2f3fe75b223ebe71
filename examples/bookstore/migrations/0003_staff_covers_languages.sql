ALTER TABLE readers ADD COLUMN staff boolean NOT NULL DEFAULT false;

-- How a word is looked for: without accents and vowel signs, with one form of the Arabic and Persian yeh and kaf.
CREATE FUNCTION search_form(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN
  translate(regexp_replace(normalize($1, NFD), '[\u0300-\u036f\u064b-\u065f\u200c]', '', 'g'), U&'\064A\0643', U&'\06CC\06A9');

DROP VIEW rated_books;
ALTER TABLE books
  -- NULL: the shop draws a cover. Otherwise the name of a file in the media store.
  ADD COLUMN cover    text CHECK (cover ~ '^[0-9a-f]{32}\.(jpg|png|webp)$'),
  -- Of title, author and description.
  ADD COLUMN language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fa')),
  DROP COLUMN search_text,
  ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (search_form(title || ' ' || author)) STORED;

CREATE VIEW rated_books AS
  SELECT books.*, count(reviews.rating)::integer AS review_count, avg(reviews.rating)::float8 AS rating
    FROM books LEFT JOIN reviews ON reviews.book_id = books.id
   GROUP BY books.id;
