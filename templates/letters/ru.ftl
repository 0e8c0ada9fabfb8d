# Тексты писем владельцу. Файл letters/ru.ftl в TEMPLATES_DIR заменяет отдельные тексты по имени.

subject-lead = Заявка №{ $id }: { $summary }
subject-update = Обновлена №{ $id }: { $summary }
subject-leads =
    Ещё { $n ->
        [one] { $n } заявка
        [few] { $n } заявки
       *[many] { $n } заявок
    } за час
subject-alert-assistant = frontdesk: ассистент не отвечает клиентам
subject-alert-telegram = frontdesk: Telegram не принимает токен бота
subject-alert-clock = frontdesk: на сервере неверное время
subject-alert-unanswered = frontdesk: ассистент не ответил клиенту
subject-alert-letters = frontdesk: письма не доходят на { $address }
subject-alert-facts = frontdesk: не удаётся прочитать файл о компании

new-lead = Новая заявка
updated-lead = Обновлена заявка
number = №{ $id }
nameless = Клиент без имени
leads-intro = За час пришло много заявок. Чтобы не засыпать вас письмами, остальные собраны здесь.
leads-together = За час пришло много заявок, это последнее отдельное письмо. Следующие заявки придут одним письмом в { $at }.
leads-files = Во вложении: таблица заявок { $leads }, последние сообщения { $dialogs } и контакты leads.vcf.
check-number = найден в тексте сообщения, проверьте его
updated = обновлена

phone = Телефон
other-phones = Другие номера
other-phone = Другой номер
email = Почта
telegram = Telegram
wants-telegram = просит написать в Telegram
name = Имя
request = Что нужно
own-words = Последние сообщения клиента
preferred-time = Когда звонить
call = Позвонить
write-in-telegram = Написать в Telegram
write-a-mail = Написать письмо
note = Заметка
in-full = Полностью
details = Подробности
recorded = Откуда контакт
came-from = Источник

origin-verified = номер подтверждён Telegram
origin-card = номер из карточки другого человека
origin-forwarded = номер из пересланного сообщения
extension = доб.
unconfirmed-phone = номер записан как есть, проверьте его
unconfirmed-email = адрес записан как есть, проверьте его

source-tool = записан со слов клиента
source-contact = отправлен кнопкой «Отправить мой номер»
source-text = найден в тексте сообщения, проверьте его
source-form = оставлен в ответ на просьбу бота

changes = Что изменилось
change-phone = Телефон
change-email = Почта
change-name = Имя
change-telegram = Telegram
change-request = Что нужно
change-preferred-time = Когда звонить
change-note = Заметка
added = добавлено

earlier = Предыдущая заявка
dialog = Диалог
assistant = Ассистент
edited = изменено
media-contact = контакт
media-photo = фото
media-voice = голосовое
media-audio = аудио
media-video = видео
media-video-note = видеосообщение
media-sticker = стикер
media-animation = анимация
media-document = файл
media-location = геопозиция
media-attachment = вложение
not-delivered = не доставлено
waiting = ещё не доставлено
left-out =
    { $n ->
        [one] Ещё { $n } сообщение до этого
        [few] Ещё { $n } сообщения до этого
       *[many] Ещё { $n } сообщений до этого
    } — в базе: { $command }
no-dialog = Диалога нет: клиент только отправил контакт.
dialog-gap =
    { $n ->
        [one] Здесь пропущено { $n } сообщение
        [few] Здесь пропущены { $n } сообщения
       *[many] Здесь пропущено { $n } сообщений
    }. Весь диалог — во вложении { $file }
dialog-cut = Длинные сообщения сокращены («…»), полностью — во вложении { $file }
history = Диалог по заявке №{ $id }
history-period = с { $since } до { $until } ({ $zone })
card-note = Заявка №{ $id }

trace = Заявка №{ $id }, { $at } ({ $zone })
answer-goes-to = Ответ на это письмо получит клиент: { $email }
sent-by = Письмо отправлено автоматически

alert-title-assistant = Ассистент не отвечает клиентам
alert-title-telegram = Telegram не принимает токен бота
alert-title-clock = На сервере неверное время
alert-title-facts = Не удаётся прочитать файл о компании
alert-since = С { $at } ({ $zone }). Причина: { $reason }.
alert-meanwhile-heading = Что видят клиенты
alert-meanwhile-assistant = Вместо ответа клиента просят оставить имя и телефон. Заявки записываются и приходят владельцу как обычно, все сообщения сохраняются.
alert-meanwhile-telegram = Клиенты не получают ответов. Готовые ответы ждут и уйдут, как только Telegram снова примет токен.
alert-meanwhile-clock = Клиенты получают ответы как обычно. Пока время неверное, неотправленные ответы и письма не отменяются по возрасту, а время в письмах и отчётах может быть неверным.
alert-title-unanswered = Ассистент не ответил клиенту
alert-meanwhile-unanswered = Вместо ответа клиента попросили оставить имя и телефон или сообщили, что контакт записан. Остальным клиентам ассистент может отвечать как обычно. Все сообщения сохраняются, а в отчёте видно, кому ассистент не ответил.
alert-meanwhile-facts = Ассистент отвечает клиентам по сведениям, которые прочитал в последний раз. Новые изменения в файле пока не учитываются.
alert-todo-heading = Что сделать
alert-todo-assistant-1 = Запустите { $command } на сервере: команда покажет, что не так.
alert-todo-assistant-2 = Проверьте ключ OPENAI_API_KEY, баланс и лимиты в кабинете OpenAI.
alert-todo-assistant-3 = Проверьте, что модель из OPENAI_MODEL ещё доступна.
alert-todo-telegram-1 = Откройте @BotFather в Telegram и проверьте токен этого бота.
alert-todo-telegram-2 = Если токен изменился, впишите его в TELEGRAM_BOT_TOKEN и перезапустите frontdesk.
alert-todo-telegram-3 = Запустите { $command } на сервере: команда покажет, принимает ли Telegram токен.
alert-todo-clock-1 = Сверьте время на сервере с точным.
alert-todo-clock-2 = Включите синхронизацию времени (NTP): timedatectl set-ntp true.
alert-todo-clock-3 = Затем запустите { $command } на сервере.
alert-todo-facts-1 = Откройте файл из BUSINESS_FILE в текстовом редакторе и сохраните его как обычный текст в кодировке UTF-8.
alert-todo-facts-2 = Проверьте, что у frontdesk есть право читать этот файл.
alert-todo-facts-3 = Затем запустите { $command } на сервере: команда покажет, читается ли файл. Перезапуск не нужен.
alert-bound = Если неполадка прошла, делать ничего не нужно. Такое письмо приходит не чаще раза в час.
alert-todo-unanswered-1 = Запустите { $command } на сервере: команда проверит ключ, модель и адрес.
alert-todo-unanswered-2 = Найдите в журнале turn_failed: там причина по каждому вопросу.
alert-todo-unanswered-3 = Если повторяется, проверьте настройки OPENAI_… и страницу состояния OpenAI.

alert-title-letters = Почтовый сервер не принимает письма на { $address }
alert-meanwhile-letters = Ничего не потеряно: заявки записаны, а письма отправятся снова через час, через 6 часов и дальше раз в день, всего 7 дней. Письма на другие адреса идут как обычно.
alert-todo-letters-1 = Проверьте, что адрес { $address } написан без ошибок, ящик открыт и не переполнен.
alert-todo-letters-2 = Запустите { $command } на сервере: команда покажет, какие письма ждут и что ответил почтовый сервер.
alert-todo-letters-3 = Чтобы не ждать, отправьте письмо сразу: frontdesk outbox requeue и номер письма.
alert-bound-letters = Если письма снова доходят, делать ничего не нужно. Об одном адресе такое письмо приходит не чаще раза в день.

files-left-out = Почтовый сервер не принял это письмо с вложениями, поэтому здесь только текст. Файлы покажет команда { $command } на сервере.

report = Отчёт
report-extra = Отчёт по запросу
report-for-days =
    Отчёт за { $n ->
        [1] сутки
        [one] { $n } сутки
       *[other] { $n } суток
    }
subject-report = { $report } до { $until }: { $sum }
subject-report-extra = { $report }, { $until }: { $sum }
subject-report-between = { $report } с { $since } до { $until }: { $sum }
report-period = с { $since } до { $until }
zone-note = Время указано по { $zone }
report-extra-note = Ежедневный отчёт придёт как обычно и будет полным.
report-catch-up = Прошлые отчёты не пришли вовремя: сервис не работал. Это письмо заменяет их и охватывает всё с { $since }.
report-ready = Бот на связи.
report-no-trouble = Сбоев не было.
attention = Обратите внимание
attention-away-now = С { $at } бот не получает сообщений
attention-away = Бот не получал сообщений { $span }
attention-lost = Часть сообщений могла потеряться
attention-undelivered =
    { $n ->
        [one] { $n } ответ не дошёл
        [few] { $n } ответа не дошли
       *[many] { $n } ответов не дошло
    }
attention-refused = Почтовый сервер не принимает письма на { $to }
attention-held =
    { $n ->
        [one] { $n } письмо ждёт отправки
        [few] { $n } письма ждут отправки
       *[many] { $n } писем ждут отправки
    }
attention-letters =
    { $n ->
        [one] { $n } письмо не отправлено
        [few] { $n } письма не отправлены
       *[many] { $n } писем не отправлено
    }
attention-failed =
    { $n ->
        [one] { $n } вопрос без ответа
        [few] { $n } вопроса без ответа
       *[many] { $n } вопросов без ответа
    }

sum-dialogs =
    { $n ->
        [0] диалогов не было
        [one] { $n } диалог
        [few] { $n } диалога
       *[many] { $n } диалогов
    }
sum-new =
    { $n ->
        [0] новых клиентов нет
        [one] { $n } новый клиент
        [few] { $n } новых клиента
       *[many] { $n } новых клиентов
    }
sum-leads =
    { $n ->
        [0] заявок нет
        [one] { $n } заявка
        [few] { $n } заявки
       *[many] { $n } заявок
    }

figures = Другие показатели
figure-dialogs = Диалоги
figure-new = Новые клиенты
figure-leads = Заявки
figure-known-contact = Диалоги с уже известным контактом
figure-without-contact = Диалоги без контакта
figure-questions = Сообщения клиентов
figure-replies = Ответы клиентам
figure-failed = Без ответа
figure-unanswered = Ассистент не ответил
figure-forms =
    { $n ->
        [one] в { $n } случае клиента попросили оставить контакт
       *[other] в { $n } случаях клиента попросили оставить контакт
    }
figure-answer = Обычное время ответа
figure-answer-slow = 95 из 100 ответов — не дольше { $span }
figure-gaps = Ассистент не знал ответа
figure-unstored = Сообщения сверх лимита (не сохранены)
figure-tokens = Токены OpenAI
figure-tokens-split = на входе { $input }, на выходе { $output }

fail-deadline = не успел вовремя
fail-unavailable = OpenAI не отвечает: проверьте ключ, баланс и доступ
fail-refused = отказался отвечать
fail-empty = ничего не ответил
fail-rejected = OpenAI не принял запрос
fail-turns-of-day = исчерпан дневной лимит ответов
fail-tokens-of-day = исчерпан дневной лимит токенов
fail-panicked = внутренняя ошибка
fail-unreadable = запись сообщения в базе повреждена
fail-poison = на этом вопросе сервис несколько раз завершался с ошибкой

sources = Откуда пришли новые клиенты
no-source = источник неизвестен
leads = Заявки
worth = Стоит связаться
worth-note = Задали вопрос, но контакт в этот раз не оставили.
worth-silent = Открыли чат и ничего не спросили: { $n }
brief-leads = Заявки
brief-worth = Стоит связаться
and-more = и ещё { $n }
when-written = Когда писали
busiest-hour = Больше всего в { $hour }: { $dialogs }
# Больше не используется; оставлено, чтобы прежняя копия этого файла не стала ошибкой.
decimal = { $whole },{ $tenth }
usual = обычно { $mean }
as-usual = как обычно
more-than-usual = больше обычного
usual-note =
    В сравнении со средним за { $n ->
        [one] { $n } день
        [few] { $n } дня
       *[many] { $n } дней
    }.
unanswered = Ассистент не ответил
not-answered = Вопросы без ответа
gaps = Ассистент не знал ответа
gaps-todo = Допишите ответы в файл о компании (BUSINESS_FILE), и ассистент начнёт отвечать на эти вопросы сам.
problems = Что не сработало
dialogs = Диалоги

dead-reply = Ответ клиенту не отправлен: { $who }
dead-letter = Письмо не отправлено: { $to }
dead-letter-about = Письмо на { $to } не отправлено, клиент { $who }
dead-todo = Отправить ещё раз: { $command }
dead-more =
    { $n ->
        [one] И ещё { $n } неотправленное. Весь список
        [few] И ещё { $n } неотправленных. Весь список
       *[many] И ещё { $n } неотправленных. Весь список
    }: { $command }
undelivered =
    { $n ->
        [one] { $n } ответ не дошёл до клиента
        [few] { $n } ответа не дошли до клиентов
       *[many] { $n } ответов не дошли до клиентов
    }. Пометка в диалоге: «не доставлено».
refused-address = Почтовый сервер не принимает письма на { $to }: { $reason }. Ждут отправки: { $letters }. Попытки продолжаются 7 дней; чтобы отправить сразу: frontdesk outbox list, затем frontdesk outbox requeue.
held-letters =
    { $n ->
        [one] { $n } письмо ждёт
        [few] { $n } письма ждут
       *[many] { $n } писем ждут
    } почтового сервера больше часа. Они уйдут сами, когда сервер ответит.
away-stopped = Сервис был остановлен
away-unreachable = Не было связи с Telegram
away-lost = Telegram хранит сообщения 24 часа: сообщения с { $since } до { $at } потеряны.
away-now = С { $at } бот не получает сообщений. Telegram хранит их 24 часа.

sources-more =
    { $n ->
        [one] И ещё { $n } источник
        [few] И ещё { $n } источника
       *[many] И ещё { $n } источников
    } — в таблице { $file }
leads-more =
    { $n ->
        [one] И ещё { $n } заявка
        [few] И ещё { $n } заявки
       *[many] И ещё { $n } заявок
    } — в таблице { $file }
dialogs-more =
    { $n ->
        [one] И ещё { $n } диалог
        [few] И ещё { $n } диалога
       *[many] И ещё { $n } диалогов
    } — в таблице { $file }
unanswered-more =
    { $n ->
        [one] И ещё { $n } вопрос
        [few] И ещё { $n } вопроса
       *[many] И ещё { $n } вопросов
    } — в таблице { $file }
gaps-more =
    { $n ->
        [one] И ещё { $n } вопрос. Все
        [few] И ещё { $n } вопроса. Все
       *[many] И ещё { $n } вопросов. Все
    }: { $command }
absences-more =
    { $n ->
        [one] И ещё { $n } перерыв. Все
        [few] И ещё { $n } перерыва. Все
       *[many] И ещё { $n } перерывов. Все
    }: { $command }
lines-before =
    { $n ->
        [one] Ещё { $n } сообщение до этого
        [few] Ещё { $n } сообщения до этого
       *[many] Ещё { $n } сообщений до этого
    } — в таблице { $file }
lines-cut = Длинные сообщения сокращены («…»), полностью — в таблице { $file }

lead-mark = ★ Заявка №{ $id }
lead-before = предыдущая заявка №{ $id }
new-customer = новый клиент
known-customer = обращается не впервые
late-answer = новых сообщений нет, только наш ответ
first-words = Первое сообщение
last-words = Последнее сообщение

attached = Во вложении
sheet-rows =
    { $file }: { $n ->
        [one] { $n } строка
        [few] { $n } строки
       *[many] { $n } строк
    }
sheet-missing =
    { $n ->
        [one] Не поместилась { $n } последняя строка
        [few] Не поместились { $n } последние строки
       *[many] Не поместились { $n } последних строк
    }. Все строки: { $command }

col-time = Время
col-customer = Клиент
col-username = Имя пользователя
col-user = ID в Telegram
col-who = Кто написал
col-message = Сообщение
col-delivered = Доставлено
col-edited = Изменено
col-lead = Заявка
col-phone-origin = Откуда номер
col-other-emails = Другая почта
col-telegram-name = Имя в Telegram
col-wants-telegram = Писать в Telegram
customer = Клиент
yes = да
no = нет
not-yet = ещё нет

under-a-second = меньше 1 с
seconds = { $n } с
minutes = { $n } мин
hours = { $n } ч
days = { $n } д

day-of-month =
    { $day } { $month ->
        [1] января
        [2] февраля
        [3] марта
        [4] апреля
        [5] мая
        [6] июня
        [7] июля
        [8] августа
        [9] сентября
        [10] октября
        [11] ноября
       *[12] декабря
    }
date = { day-of-month } { $year }
weekday =
    { $n ->
        [1] понедельник
        [2] вторник
        [3] среда
        [4] четверг
        [5] пятница
        [6] суббота
       *[7] воскресенье
    }
moment = { $date }, { $time }
short-moment = { $date } { $time }
