CREATE TABLE books (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug        text    NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]+$'),
  title       text    NOT NULL,
  author      text    NOT NULL,
  year        integer NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents >= 0),
  description text    NOT NULL,
  -- Without accents, so that "bronte" finds Brontë.
  search_text text    NOT NULL GENERATED ALWAYS AS
    (regexp_replace(normalize(title || ' ' || author, NFD), '[\u0300-\u036f]', '', 'g')) STORED
);

CREATE TABLE readers (
  id            integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email         text        NOT NULL UNIQUE CHECK (email = lower(email)),
  name          text        NOT NULL,
  -- NULL: this reader can't log in.
  password_hash text,
  joined_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
  -- SHA-256 of the id in the cookie: a copy of this table logs nobody in.
  id_hash    bytea       PRIMARY KEY,
  reader_id  integer     NOT NULL REFERENCES readers ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE reviews (
  book_id    integer     NOT NULL REFERENCES books ON DELETE CASCADE,
  reader_id  integer     NOT NULL REFERENCES readers ON DELETE CASCADE,
  rating     integer     NOT NULL CHECK (rating BETWEEN 1 AND 5),
  text       text        NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (book_id, reader_id)
);
CREATE INDEX reviews_by_time ON reviews (written_at DESC);

CREATE VIEW rated_books AS
  SELECT books.*, count(reviews.rating)::integer AS review_count, avg(reviews.rating)::float8 AS rating
    FROM books LEFT JOIN reviews ON reviews.book_id = books.id
   GROUP BY books.id;
