/** The Chinese of the channels' settings, by channel and key. A test fails when a key is missing here, or when one here no longer exists. */
const robot = { url: '机器人地址，不含令牌；专有部署填自己的' }
const ca_file = '签发对方证书的机构（PEM），系统不认识它时才要填'
const standing = {
  device: '设备：一个已登记设备的编号',
  topic: '它听命令的主题，默认 devices/<设备>/command',
  for_s: '几秒后自动关闭；没有人再需要时提前关闭'
}
const program = { program: '程序：路径里的名称，或一个文件', arguments: '参数，不经过 shell；{voice} 换成该语言的嗓音' }

export const channelsZh: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cap-http': {
    url: '接收 CAP 的地址；另一个站点填它的 /api/cap',
    token_file: '对方发给本站的令牌文件',
    sender: '对方在 CAP 里的自称；对它的求援的答复从这里发回',
    form: '消息的形式：文件本身，或包在带警情编号的 JSON 里',
    ca_file
  },
  dingtalk: {
    ...robot,
    token_file: '访问令牌文件：Webhook 地址里 access_token= 之后的部分',
    secret_file: '加签密钥文件：钉钉“加签”下以 SEC 开头的一串'
  },
  email: {
    host: 'SMTP 服务器，证书须是这个名字的',
    port: '端口：starttls 用 587，implicit 用 465',
    tls: '加密；不加密（none）只允许发给本机',
    from: '发件人，账户可以使用的地址',
    user: '账户，与 password_file 一起填',
    password_file: '账户密码文件，与 user 一起填',
    ca_file
  },
  feishu: { ...robot, token_file: '令牌文件：Webhook 地址里 /hook/ 之后的部分', secret_file: '签名密钥文件：飞书“签名校验”下的一串' },
  loudspeaker: {
    voice: '嗓音程序：从标准输入读文字，向标准输出写 WAV',
    'voice.program': program.program,
    'voice.arguments': program.arguments,
    plays_itself: '嗓音程序自己放音，不另用播放程序',
    player: '播放程序：从标准输入读 WAV 并放出',
    'player.program': program.program,
    'player.arguments': program.arguments,
    languages: '语言，按此顺序播报',
    voices: '嗓音名称：{voice} 在每种语言里换成什么',
    'voices.zh-CN': '中文嗓音，按程序的叫法',
    'voices.en': '英文嗓音，按程序的叫法',
    times: '一条消息连续播报几遍'
  },
  screen: {},
  sign: { ...standing, show: '让它显示的命令，以 JSON 发给它', clear: '让它清空的命令，以 JSON 发给它' },
  siren: { ...standing, on: '让它响起的命令，以 JSON 发给它', off: '让它停下的命令，以 JSON 发给它' },
  sms: {
    url: '网关地址；主机名之后可以有填空，按百分号编码',
    method: '方法；GET 没有正文',
    headers: '请求头；{secret} 代表密钥',
    body: '请求正文，照网关手册写，可以有填空',
    encoding: '正文是什么格式，填入的值按它转义',
    most_characters: '最长几个字，其余截掉；70 字以内算一条，超过按多条计费',
    secret_file: '网关密钥文件，{secret} 换成它',
    accepted: '怎样算网关已接受；不写则 200 到 299 都算',
    'accepted.path': 'JSON 答复里哪里写着结果，名称和序号用点连接；不写则看整个答复',
    'accepted.matches': '已接受时那里写的是什么（正则表达式）',
    'accepted.again': '稍后可以再试时那里写的是什么（正则表达式）；其他情况不再试'
  },
  'web-push': {
    subject: '推送服务有事找谁：站点运维方的 mailto: 或 https: 地址',
    ttl_s: '推送有效几秒；手机失联更久就不再收到',
    services: '推送服务：手机的推送地址必须在这些主机或其下级，站点不会发往别处'
  },
  webhook: { url: '接收地址，不跟随跳转', secret_file: '密钥文件：whsec_ 加至少 24 个随机字节的 base64', ca_file },
  wecom: { ...robot, key_file: '机器人密钥文件：Webhook 地址里 key= 之后的部分' }
}
