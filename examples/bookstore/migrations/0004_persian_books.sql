INSERT INTO books (language, slug, title, author, year, price_cents, description) VALUES
('fa', 'golestan', 'گلستان', 'سعدی', 1258, 1200,
 'هشت باب حکایت، از سیرت پادشاهان تا آداب صحبت، به نثری که هنوز فارسی‌زبانان با آن خط می‌آموزند. هر حکایت کوتاه است و هر پند، نمکی از شوخی دارد.'),
('fa', 'divan-e-hafez', 'دیوان حافظ', 'حافظ', 1368, 1500,
 'غزل‌هایی که در هر خانه‌ای هست و هر کس فال خود را در آن می‌یابد. عشق و رندی و باده، و کنایه به هر که زهد می‌فروشد؛ هیچ بیتی تنها یک معنی ندارد.'),
('fa', 'robaiyat-e-khayyam', 'رباعیات خیام', 'عمر خیام', 1120, 950,
 'چهار مصراع در برابر ابدیت. ستاره‌شناسی که تقویم را درست کرد، در این رباعی‌ها از زمان می‌پرسد و پاسخی جز دمِ گذران نمی‌گیرد.'),
('fa', 'masnavi', 'مثنوی معنوی', 'مولوی', 1273, 1900,
 'از نالهٔ نی آغاز می‌شود و به شش دفتر می‌رسد. قصه در قصه، از طوطی و بازرگان تا پیل در تاریکی؛ کتابی که هرگز نمی‌گذارد خواننده گمان کند رسیده است.');

INSERT INTO reviews (book_id, reader_id, rating, text, written_at)
SELECT books.id, readers.id, picks.rating, picks.text, timestamptz '2026-02-20 10:00+00' + picks.day * interval '1 day'
  FROM (VALUES
    ('golestan', 'mina', 5, 1, 'هر بار که باز می‌کنم، همان حکایتی می‌آید که آن روز لازم دارم.'),
    ('divan-e-hafez', 'mina', 5, 2, 'پدربزرگم شب یلدا از آن فال می‌گرفت. حالا نوبت من است.'),
    ('masnavi', 'tomas', 4, 3, 'I read it with a dictionary in my lap, and it was worth every page of both.')
  ) AS picks (slug, reader, rating, day, text)
  JOIN books ON books.slug = picks.slug
  JOIN readers ON readers.email = picks.reader || '@bookstore.example';
