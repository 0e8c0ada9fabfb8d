# Слова писем владельцу. Файл letters/ru.ftl в TEMPLATES_DIR заменяет их по одному, по имени.

subject-lead = Заявка №{ $id }: { $summary }
subject-update = Заявка №{ $id }, обновлена: { $summary }
subject-leads =
    Ещё { $n ->
        [one] { $n } заявка
        [few] { $n } заявки
       *[many] { $n } заявок
    } за час
subject-alert-assistant = frontdesk: ассистент не отвечает клиентам

new-lead = Новая заявка
updated-lead = Заявка обновлена
number = №{ $id }
nameless = Клиент без имени
leads-intro = Заявок за час больше, чем уходит отдельными письмами. Остальные собраны здесь, ни одна не пропущена.

phone = Телефон
other-phones = Другие номера
email = Почта
telegram = Telegram
wants-telegram = хочет, чтобы ему написали в Telegram
name = Имя
request = Запрос
own-words = Последние слова клиента
preferred-time = Когда звонить
note = Заметка
recorded = Как записано
came-from = Откуда пришёл

origin-verified = номер подтверждён Telegram
origin-card = из чужой карточки контакта
origin-forwarded = из пересланного сообщения

source-tool = записал ассистент
source-contact = клиент нажал кнопку «Отправить мой номер»
source-text = найдено в тексте, проверьте
source-form = клиент ответил на просьбу оставить контакт

changes = Что изменилось
change-phone = Телефон
change-email = Почта
change-name = Имя
change-telegram = Telegram
change-request = Запрос
change-preferred-time = Когда звонить
change-note = Заметка
added = добавлено

earlier = Прежние заявки этого клиента
dialog = Переписка
assistant = Ассистент
edited = исправлено
not-delivered = не доставлено
waiting = ещё не доставлено
left-out =
    { $n ->
        [one] Ещё { $n } сообщение до этого хранится
        [few] Ещё { $n } сообщения до этого хранятся
       *[many] Ещё { $n } сообщений до этого хранятся
    } в базе: { $command }
no-dialog = Переписки нет: клиент только поделился контактом.

trace = Заявка { $id } · upd={ $update } · чат { $chat } · записано { $at } ({ $zone })
sent-by = Письмо отправил frontdesk, автоматически. Отвечать на него не нужно.

alert-title-assistant = Ассистент не отвечает клиентам
alert-since = С { $at } ({ $zone }). Причина: { $reason }.
alert-meanwhile-heading = Что видят клиенты
alert-meanwhile-assistant = Вместо ответа клиент получает просьбу оставить имя и телефон. Заявки записываются и приходят владельцу как обычно; сообщения сохраняются все.
alert-todo-heading = Что сделать
alert-todo-assistant-1 = Запустите { $command } на сервере: команда скажет, что не так.
alert-todo-assistant-2 = Проверьте ключ OPENAI_API_KEY, остаток средств и лимиты в кабинете OpenAI.
alert-todo-assistant-3 = Проверьте, что модель из OPENAI_MODEL ещё доступна.
alert-bound = Когда ассистент снова ответит, ничего делать не нужно. Такое письмо приходит не чаще раза в час.

date =
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
    } { $year }
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
