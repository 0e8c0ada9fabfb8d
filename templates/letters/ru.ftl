# Слова писем владельцу. Файл letters/ru.ftl в TEMPLATES_DIR заменяет их по одному, по имени.

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
subject-alert-unanswered = frontdesk: клиент остался без ответа ассистента
subject-alert-letters = frontdesk: не доходят письма на { $address }
subject-alert-facts = frontdesk: не читается файл о бизнесе

new-lead = Новая заявка
updated-lead = Заявка обновлена
number = №{ $id }
nameless = Клиент без имени
leads-intro = Заявок за час пришло много, поэтому остальные собраны в одном письме.
leads-together = Это последнее отдельное письмо за этот час. Следующие заявки придут вместе, одним письмом в { $at }.
leads-files = Во вложении все подробности: таблица заявок { $leads }, последние сообщения { $dialogs } и контакты leads.vcf.
check-number = контакт найден в тексте, проверьте его
updated = обновлена

phone = Телефон
other-phones = Другие номера
other-phone = Другой номер
email = Почта
telegram = Telegram
wants-telegram = хочет, чтобы ему написали в Telegram
name = Имя
request = Что нужно
own-words = Последние слова клиента
preferred-time = Когда звонить
call = Позвонить
write-in-telegram = Написать в Telegram
write-a-mail = Написать письмо
note = Заметка
in-full = Целиком
details = О заявке
recorded = Как получен контакт
came-from = Откуда пришёл

origin-verified = номер подтверждён Telegram
origin-card = из чужой карточки контакта
origin-forwarded = из пересланного сообщения
extension = доб.
unconfirmed-phone = номер записан как есть, проверьте его
unconfirmed-email = адрес записан как есть, проверьте его

source-tool = ассистент записал со слов клиента
source-contact = клиент нажал кнопку «Отправить мой номер»
source-text = контакт найден в тексте сообщения, проверьте его
source-form = клиент ответил на просьбу оставить контакт

changes = Что изменилось
change-phone = Телефон
change-email = Почта
change-name = Имя
change-telegram = Telegram
change-request = Что нужно
change-preferred-time = Когда звонить
change-note = Заметка
added = добавлено

earlier = Прежняя заявка
dialog = Переписка
assistant = Ассистент
edited = исправлено
media-contact = контакт
media-photo = фото
media-voice = голосовое
media-audio = аудио
media-video = видео
media-video-note = видеосообщение
media-sticker = стикер
media-animation = анимация
media-document = файл
media-location = место на карте
media-attachment = вложение
not-delivered = не доставлено
waiting = ещё не доставлено
left-out =
    { $n ->
        [one] Ещё { $n } сообщение до этого хранится
        [few] Ещё { $n } сообщения до этого хранятся
       *[many] Ещё { $n } сообщений до этого хранятся
    } в базе: { $command }
no-dialog = Переписки нет: клиент только поделился контактом.
dialog-gap =
    { $n ->
        [one] Здесь пропущено { $n } сообщение
        [few] Здесь пропущены { $n } сообщения
       *[many] Здесь пропущено { $n } сообщений
    }. Вся переписка — во вложении { $file }
dialog-cut = Длинные сообщения здесь кончаются знаком «…», целиком они во вложении { $file }
history = Переписка по заявке №{ $id }
history-period = с { $since } до { $until } ({ $zone })
card-note = Заявка №{ $id }

trace = Заявка { $id } · upd={ $update } · чат { $chat } · записано { $at } ({ $zone })
answer-goes-to = Ответ на это письмо уйдёт клиенту: { $email }
sent-by = письмо отправил frontdesk, автоматически

alert-title-assistant = Ассистент не отвечает клиентам
alert-title-telegram = Telegram не принимает токен бота
alert-title-clock = На сервере неверное время
alert-title-facts = Не читается файл о бизнесе
alert-since = С { $at } ({ $zone }). Причина: { $reason }.
alert-meanwhile-heading = Что видят клиенты
alert-meanwhile-assistant = Вместо ответа клиент получает просьбу оставить имя и телефон. Заявки записываются и приходят владельцу как обычно; сообщения сохраняются все.
alert-meanwhile-telegram = Клиенты не получают ответов. Готовые ответы ждут и уйдут, как только Telegram снова примет токен.
alert-meanwhile-clock = Клиенты получают ответы как обычно. Ответы и письма, которые ждут отправки, не отменяются по возрасту, пока время неверное. Время в письмах и отчётах может быть неверным.
alert-title-unanswered = Клиент остался без ответа ассистента
alert-meanwhile-unanswered = Вместо ответа клиента попросили оставить имя и телефон или сообщили, что контакт записан. Остальным клиентам ассистент может отвечать как обычно. Все сообщения сохраняются, а в отчёте видно, кто остался без ответа.
alert-meanwhile-facts = Клиенты получают ответы как раньше: ассистент отвечает по сведениям, которые прочитал последними. Новые изменения пока не учитываются.
alert-todo-heading = Что сделать
alert-todo-assistant-1 = Запустите { $command } на сервере: команда скажет, что не так.
alert-todo-assistant-2 = Проверьте ключ OPENAI_API_KEY, остаток средств и лимиты в кабинете OpenAI.
alert-todo-assistant-3 = Проверьте, что модель из OPENAI_MODEL ещё доступна.
alert-todo-telegram-1 = Откройте @BotFather в Telegram и проверьте токен этого бота.
alert-todo-telegram-2 = Если токен изменился, впишите его в TELEGRAM_BOT_TOKEN и перезапустите frontdesk.
alert-todo-telegram-3 = Запустите { $command } на сервере: команда покажет, принимает ли Telegram токен.
alert-todo-clock-1 = Сравните время сервера с точным.
alert-todo-clock-2 = Включите синхронизацию времени (NTP): timedatectl set-ntp true.
alert-todo-clock-3 = Затем запустите { $command } на сервере.
alert-todo-facts-1 = Откройте файл из BUSINESS_FILE в текстовом редакторе и сохраните как обычный текст в кодировке UTF-8.
alert-todo-facts-2 = Проверьте, что у frontdesk есть право читать этот файл.
alert-todo-facts-3 = Затем запустите { $command } на сервере: команда покажет, читается ли файл. Перезапуск не нужен.
alert-bound = Когда неполадка пройдёт, делать ничего не нужно. Такое письмо приходит не чаще раза в час.
alert-todo-unanswered-1 = Запустите { $command } на сервере: команда проверит ключ, модель и адрес.
alert-todo-unanswered-2 = Найдите в журнале turn_failed: там причина по каждому вопросу.
alert-todo-unanswered-3 = Если повторяется, проверьте настройки OPENAI_… и страницу состояния OpenAI.

alert-title-letters = Письма на { $address } не принимает почтовый сервер
alert-meanwhile-letters = Ничего не потеряно: заявки записаны, письма ждут и уйдут снова через час, через 6 часов, затем раз в день, всего 7 дней. Письма на другие адреса идут как обычно.
alert-todo-letters-1 = Проверьте, что адрес { $address } написан без ошибок, ящик открыт и не переполнен.
alert-todo-letters-2 = Запустите { $command } на сервере: там видно, какие письма ждут и что ответил почтовый сервер.
alert-todo-letters-3 = Чтобы не ждать, отправьте письмо сразу: frontdesk outbox requeue и номер письма.
alert-bound-letters = Когда письма снова пойдут, ничего делать не нужно. Об одном адресе такое письмо приходит не чаще раза в день.

files-left-out = Почтовый сервер не принял это письмо с вложениями, поэтому здесь только текст. Файлы покажет команда { $command } на сервере.

report = Отчёт
report-extra = Внеочередной отчёт
report-for-days =
    Отчёт за { $n ->
        [1] сутки
        [one] { $n } сутки
       *[other] { $n } суток
    }
subject-report = { $report } до { $until }: { $sum }
subject-report-between = { $report } с { $since } до { $until }: { $sum }
report-period = с { $since } до { $until }
zone-note = Время в письме: { $zone }
report-extra-note = Этот отчёт запросили вручную. Ежедневный придёт как обычно, из него ничего не пропадёт.
report-catch-up = Прежние отчёты не вышли: в их срок сервис не работал. Это письмо заменяет их, в нём всё с { $since }.
report-ready = Бот на связи.
report-no-trouble = Сбоев не было.
attention = Обратите внимание
attention-away-now = Сейчас бот не получает сообщений: с { $at }
attention-away = Бот не получал сообщений { $span }
attention-lost = Часть сообщений могла потеряться
attention-undelivered =
    { $n ->
        [one] { $n } ответ не дошёл
        [few] { $n } ответа не дошли
       *[many] { $n } ответов не дошло
    }
attention-refused = Письма на { $to } не принимает почтовый сервер
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

figures = Другие цифры
figure-dialogs = Диалоги
figure-new = Новые клиенты
figure-leads = Заявки
figure-known-contact = Диалоги, где контакт уже известен
figure-without-contact = Диалоги без контакта
figure-questions = Сообщения клиентов
figure-replies = Ответы клиентам
figure-failed = Без ответа
figure-unanswered = Остались без ответа ассистента
figure-forms =
    { $n ->
        [one] в { $n } случае клиента попросили оставить контакт
       *[other] в { $n } случаях клиента попросили оставить контакт
    }
figure-answer = Обычное время ответа
figure-answer-slow = 95 ответов из 100 — не дольше { $span }
figure-gaps = Ассистент не знал ответа
figure-unstored = Сообщения сверх лимита (не сохранены)
figure-tokens = Токены OpenAI
figure-tokens-split = прочитано { $input }, написано { $output }

fail-deadline = не успел вовремя
fail-unavailable = OpenAI не отвечает: ключ, деньги на счёте или доступ
fail-refused = отказался отвечать
fail-empty = ничего не ответил
fail-rejected = OpenAI не принял запрос
fail-turns-of-day = у клиента кончились ответы на день
fail-tokens-of-day = кончились токены на день
fail-panicked = сбой в программе
fail-unreadable = запись сообщения в базе повреждена
fail-poison = сервис несколько раз падал на этом вопросе

sources = Откуда пришли новые клиенты
no-source = источник неизвестен
leads = Заявки
worth = Стоит связаться
worth-note = Спрашивали, но контакт в этот раз не оставили.
worth-silent =
    { $n ->
        [one] Ещё { $n } открыл чат и ничего не спросил
       *[other] Ещё { $n } открыли чат и ничего не спросили
    }
brief-leads = Заявки
brief-worth = Стоит связаться
and-more = и ещё { $n }
when-written = Когда писали
busiest-hour = Больше всего в { $hour }: { $dialogs }
decimal = { $whole },{ $tenth }
usual = обычно { $mean }
usual-note =
    Рядом с числом — разница с обычным, средним за { $n ->
        [one] { $n } день
        [few] { $n } дня
       *[many] { $n } дней
    }.
unanswered = Остались без ответа ассистента
not-answered = На что не смогли ответить
gaps = Ассистент не знал ответа
gaps-todo = Допишите ответы в файл с фактами (BUSINESS_FILE), и ассистент ответит сам.
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
    }. Пометка в переписке: «не доставлено».
refused-address = Письма на { $to } не принимает почтовый сервер: { $reason }. Ждут отправки: { $letters }. Повторные попытки идут 7 дней; отправить сразу: frontdesk outbox list, затем frontdesk outbox requeue.
held-letters =
    { $n ->
        [one] { $n } письмо ждёт
        [few] { $n } письма ждут
       *[many] { $n } писем ждут
    } почтового сервера больше часа. Они уйдут сами, когда сервер ответит.
away-stopped = Сервис был остановлен
away-unreachable = Не было связи с Telegram
away-lost = Telegram хранит сообщения 24 часа: написанное с { $since } до { $at } потеряно.
away-now = Сейчас бот не получает сообщений: с { $at }. Telegram хранит их 24 часа.

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
        [one] И ещё { $n } обращение
        [few] И ещё { $n } обращения
       *[many] И ещё { $n } обращений
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
        [one] { $n } сообщение до этого
        [few] { $n } сообщения до этого
       *[many] { $n } сообщений до этого
    } — в таблице { $file }
lines-cut = Длинные сообщения здесь кончаются знаком «…», целиком они в таблице { $file }

lead-mark = ★ Заявка №{ $id }
lead-before = прежняя заявка №{ $id }
new-customer = новый клиент
known-customer = обращается не впервые
late-answer = новых сообщений нет, только наш ответ
first-words = Первые слова
last-words = Последние слова

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
col-edited = Исправлено
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
