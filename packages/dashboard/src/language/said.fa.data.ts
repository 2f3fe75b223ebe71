import type { Saying } from './said.ts';

/** Errors of the API by their ids, for messages that are not translated themselves; docs/errors.md. */
export const errorWords: Readonly<Record<string, string>> = {
  bad_request: 'درخواست خوانده نشد.',
  confirmation_required: 'این کار چیزی را جایگزین یا خراب می‌کند و تأیید می‌خواهد.',
  conflict: 'همین حالا چیز دیگری در حال تغییر همین است؛ دوباره تلاش کنید.',
  forbidden: 'اجازهٔ این کار را ندارید.',
  gone: 'بوده است و دیگر نگه داشته نشده.',
  internal_server_error: 'اشکالی در خود Ravine پیش آمد؛ گزارش سکو علتش را دارد.',
  invalid_params: 'مقداری نیست، درست نیست یا پذیرفته نیست.',
  not_available: 'این بخش از Heroku در این نسخهٔ Ravine نیست.',
  not_found: 'چنین چیزی نیست، یا از آنِ شما نیست.',
  rate_limit: 'درخواست‌ها یا ورودهای ناموفق بیش از اندازه بود؛ کمی صبر کنید.',
  request_too_large: 'آنچه فرستاده شد بیش از اندازه بزرگ است.',
  service_unavailable: 'بخشی از سکو اکنون نیست؛ چند لحظهٔ دیگر تلاش کنید.',
  two_factor: 'گذرواژه درست است؛ کد برنامهٔ احراز هویت هم لازم است.',
  unauthorized: 'رایانامه یا گذرواژه درست نیست، یا نشست پایان یافته است.',
};

/** What the API says in words of its own that are always the same; what is not here is shown in English. */
export const sayings: readonly Saying[] = [
  // Releases.
  ['Initial release', 'انتشار نخست'],
  ['Enable Logplex', 'فعال شدن Logplex'],
  ['Deploy archive', 'استقرار بایگانی'],
  ['Deploy {commit}', 'استقرار {commit}'],
  ['Rollback to {version}', 'بازگشت به {version}'],
  ['Set {names}, Remove {gone} config vars', 'تنظیم {names} و حذف {gone} از متغیرهای پیکربندی'],
  ['Set {names} config vars', 'تنظیم متغیرهای {names}'],
  ['Remove {names} config vars', 'حذف متغیرهای {names}'],
  ['Attach {name} (@ref:{addon})', 'پیوستن {name} (@ref:{addon})'],
  ['Detach {name} (@ref:{addon})', 'جدا کردن {name} (@ref:{addon})'],
  ['Update {name} by {service}', 'به‌روزرسانی {name} از سوی {service}'],
  // Dynos.
  ['up', 'برپا'],
  ['starting', 'در حال آغاز'],
  ['crashed', 'از کار افتاده'],
  ['down', 'خاموش'],
  ['idle', 'بیکار'],
  ['stopping', 'در حال ایستادن'],
  // Certificates.
  ['cert issued', 'گواهی صادر شد'],
  ['dns-verified', 'DNS تأیید شد'],
  ['verified', 'تأیید شد'],
  ['failing', 'در حال شکست'],
  ['failed', 'ناموفق'],
  ['Uses the uploaded certificate {name}.', 'از گواهی بارگذاری‌شدهٔ {name} استفاده می‌کند.'],
  [
    'A certificate for a wildcard can only be had by a change in DNS, which ACM does not make. Upload one: heroku certs:add.',
    'گواهی دامنهٔ ستاره‌دار تنها با تغییر DNS گرفته می‌شود که ACM انجام نمی‌دهد. یکی بارگذاری کنید: heroku certs:add',
  ],
  [
    'DNS has no address for {name}. Point it at this platform as `heroku domains` says.',
    'DNS نشانی‌ای برای {name} ندارد. آن را چنان‌که heroku domains می‌گوید به این سکو هدایت کنید.',
  ],
  ['DNS could not be asked for {name} ({code}).', 'نشانی {name} از DNS پرسیده نشد ({code}).'],
  [
    'The authority wants a proof in DNS, which ACM can not give.',
    'صادرکننده مدرکی در DNS می‌خواهد که ACM نمی‌تواند بدهد.',
  ],
  ['The authority gave the order up and did not say why.', 'صادرکننده سفارش را رها کرد و نگفت چرا.'],
  ['The authority did not decide within {n} minutes.', 'صادرکننده در {n} دقیقه تصمیم نگرفت.'],
  ['The domain could not be verified{how}: {reason}', 'دامنه تأیید نشد{how}: {reason}'],
  ['The domain could not be verified: {reason}', 'دامنه تأیید نشد: {reason}'],
  ['No certificate could be had: {reason}', 'گواهی گرفته نشد: {reason}'],
  ['A fault of the platform, which its log tells of.', 'اشکالی در سکو، که گزارش آن شرحش را دارد.'],
  // Builds.
  ['The build was cancelled.', 'ساخت لغو شد.'],
  ['The build was cancelled by {email}.', 'ساخت را {email} لغو کرد.'],
  [
    'The build was cancelled because its pusher went away. Push again.',
    'ساخت لغو شد، چون فرستنده رفت. دوباره push کنید.',
  ],
  ['Ravine was restarted during this build. Push again.', 'Ravine در میان این ساخت بازراه‌اندازی شد. دوباره push کنید.'],
  ['release {version} failed', 'انتشار {version} ناموفق بود'],
  ['No default language could be detected for this app.', 'زبان این برنامه شناخته نشد.'],
  ['Push rejected, failed to compile {name} app.', 'push پذیرفته نشد؛ ساخت برنامهٔ {name} ناموفق بود.'],
  [
    'The buildpack ended with status {status}; what went wrong is above.',
    'بیلدپک با وضعیت {status} پایان یافت؛ علتش در خروجی است.',
  ],
  ['Push rejected, failed to detect set buildpack {name}', 'push پذیرفته نشد؛ بیلدپک {name} با این کد جور نیست'],
  ['The build took longer than {time} and was stopped.', 'ساخت بیش از {time} طول کشید و متوقف شد.'],
  [
    'Find out which step hangs; what it printed last is above.',
    'ببینید کدام گام گیر کرده است؛ آخرین نوشته‌اش در خروجی است.',
  ],
  ['The build needed more than its {size} of memory and was stopped.', 'ساخت بیش از {size} حافظه خواست و متوقف شد.'],
  [
    'Make the build smaller, or raise the limit of builds on this server.',
    'ساخت را کوچک‌تر کنید، یا حد ساخت‌های این سرور را بالا ببرید.',
  ],
  ['The disk that this server builds on is full.', 'دیسکی که این سرور در آن می‌سازد پر است.'],
  [
    'Free some space, or ask who runs the server to do so; then push again.',
    'کمی جا باز کنید یا از گردانندهٔ سرور بخواهید؛ سپس دوباره push کنید.',
  ],
  ['The slug is {size}, larger than the limit of {limit}.', 'اسلاگ {size} است، بیش از حد {limit}.'],
  ['The source of the build could not be had: {reason}.', 'کد این ساخت به دست نیامد: {reason}.'],
  ['Could not fetch the buildpack {name}: {reason}', 'بیلدپک {name} دریافت نشد: {reason}'],
  // What `ravine doctor` finds.
  ['git is not installed; {advice}: pushes need it', 'git نصب نیست؛ برای push لازم است. بستهٔ git را نصب کنید'],
  [
    'bash is not installed; {advice}',
    'bash نصب نیست؛ بیلدپک‌هایی که برایش نوشته شده‌اند کار نمی‌کنند. بستهٔ bash را نصب کنید',
  ],
  ['tar is not installed; {advice}: builds need it', 'tar نصب نیست؛ برای ساخت لازم است. بستهٔ tar را نصب کنید'],
  ['npm is not on the PATH; {advice}', 'npm در PATH نیست؛ برنامه‌های Node.js ساخته نمی‌شوند. Node.js را با npm نصب کنید'],
  [
    'python3 with venv is not installed; {advice}',
    'python3 با venv نصب نیست؛ برنامه‌های پایتون ساخته نمی‌شوند. python3 و python3-venv را نصب کنید',
  ],
  [
    'the heroku CLI is not on the PATH; `npm install -g heroku` gets it',
    'خط فرمان heroku در PATH نیست؛ با npm install -g heroku نصب می‌شود',
  ],
  [
    '{folder}: {n} MB free; {advice}',
    '{n} مگابایت آزاد در {folder}؛ ساخت‌ها و پایگاه‌های داده به‌زودی پُرش می‌کنند، ۲۰۰۰ مگابایت یا بیشتر آسوده‌تر است',
  ],
  ['{folder}: {n} MB free', '{n} مگابایت آزاد در {folder}'],
  [
    "{folder} can't be written ({reason}); name another folder with --data",
    'در {folder} نمی‌توان نوشت ({reason})؛ با --data پوشهٔ دیگری بدهید',
  ],
  ['{what} Only apps of the container stack need one', '{what} تنها برنامه‌های استک container به آن نیاز دارند'],
  [
    "{what} Dynos can't run without one, as --driver is docker",
    '{what} بدون آن داینویی اجرا نمی‌شود، چون ‎--driver docker است',
  ],
  [
    'Ravine does not run as root: {advice}',
    'Ravine با کاربر root اجرا نمی‌شود: داینوها و پایگاه‌های داده با کاربر خودتان کار می‌کنند و هرچه شما بخوانید می‌توانند بخوانند',
  ],
  [
    'No container engine was found on this machine. Install Docker or Podman and start it, or set DOCKER_HOST.',
    'موتور کانتینری روی این دستگاه پیدا نشد. Docker یا Podman را نصب و اجرا کنید، یا DOCKER_HOST را تعیین کنید.',
  ],
  ['switched off (setting engine: none)', 'خاموش است (engine: none)'],
  ['no answer within {n} s', 'در {n} ثانیه پاسخی نداد'],
  // Refusals.
  ['Invalid credentials provided.', 'رایانامه یا گذرواژه درست نیست.'],
  ["Couldn't find that {what}.", 'پیدا نشد: {what}'],
  ['Name {name} is already taken', 'نام {name} گرفته شده است'],
  ['Name {name} is reserved; choose another one.', 'نام {name} برای سکو نگه داشته شده؛ نام دیگری برگزینید.'],
  [
    'Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes.',
    'نام باید با حرف آغاز شود، با حرف یا رقم پایان یابد و تنها حروف کوچک، رقم و خط تیره داشته باشد.',
  ],
  ['Name is too short (minimum is {n} characters)', 'نام کوتاه است (دست‌کم {n} نویسه)'],
  ['Name is too long (maximum is {n} characters)', 'نام بلند است (حداکثر {n} نویسه)'],
  [
    'Another build of this app is running. Wait until it has ended, then try again.',
    'ساخت دیگری از این برنامه در جریان است. تا پایانش صبر کنید و دوباره تلاش کنید.',
  ],
  [
    'Only the owner of {name} may do that. You do not have access to it.',
    'تنها مالک {name} می‌تواند چنین کند. شما اجازه‌اش را ندارید.',
  ],
  [
    'The container stack needs a container engine, and none has answered. {advice}',
    'استک container موتور کانتینر می‌خواهد و هیچ‌کدام پاسخ نداد. Docker یا Podman را نصب و اجرا کنید و کمی بعد دوباره تلاش کنید؛ یا روی استکی مانند heroku-24 بمانید.',
  ],
  ['This build has ended already.', 'این ساخت پیش‌تر پایان یافته است.'],
  [
    'This build can no longer be cancelled: its release is being made.',
    'این ساخت دیگر لغو نمی‌شود: انتشارش در حال ساخته شدن است.',
  ],
];
