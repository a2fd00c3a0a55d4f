//! Messages of the C library and of shells in other languages, as English has them: symptoms are
//! written for those. Knows no labs.

use std::borrow::Cow;

/// What English says, and how systems say it elsewhere.
const MESSAGES: [(&str, &[&str]); 9] = [
    (
        "No such file or directory",
        &[
            "Datei oder Verzeichnis nicht gefunden",
            "Aucun fichier ou dossier de ce type",
            "Aucun fichier ou répertoire de ce type",
            "No existe el fichero o el directorio",
            "No existe el archivo o el directorio",
            "File o directory non esistente",
            "Arquivo ou diretório inexistente",
            "Arquivo ou diretório não encontrado",
            "Нет такого файла или каталога",
            "Немає такого файла або каталогу",
            "Nie ma takiego pliku ani katalogu",
            "Bestand of map bestaat niet",
            "Filen eller katalogen finns inte",
            "Adresář nebo soubor neexistuje",
            "Böyle bir dosya ya da dizin yok",
            "没有那个文件或目录",
            "沒有此一檔案或目錄",
            "そのようなファイルやディレクトリはありません",
            "그런 파일이나 디렉터리가 없습니다",
        ],
    ),
    (
        "Permission denied",
        &[
            "Keine Berechtigung",
            "Permission non accordée",
            "Permiso denegado",
            "Permesso negato",
            "Permissão negada",
            "Отказано в доступе",
            "Відмовлено у доступі",
            "Brak dostępu",
            "Toegang geweigerd",
            "Åtkomst nekas",
            "Přístup odmítnut",
            "Erişim engellendi",
            "权限不够",
            "拒絕不符權限的操作",
            "許可がありません",
            "허가 거부",
        ],
    ),
    (
        "cannot execute binary file: Exec format error",
        &[
            "无法执行二进制文件：可执行文件格式错误",
            "无法执行二进制文件: 可执行文件格式错误",
            "Kann die Binärdatei nicht ausführen: Fehler im Format der Programmdatei",
        ],
    ),
    (
        "Exec format error",
        &[
            "Fehler im Format der Programmdatei",
            "Erreur de format pour exec()",
            "Formato de ejecutable incorrecto",
            "Formato di exec non valido",
            "Erro no formato exec",
            "Ошибка формата выполняемого файла",
            "Błędny format pliku wykonywalnego",
            "可执行文件格式错误",
            "可執行檔格式錯誤",
            "実行形式エラー",
            "Exec 형식 오류",
        ],
    ),
    (
        "Operation not permitted",
        &[
            "Die Operation ist nicht erlaubt",
            "Vorgang nicht zulässig",
            "Opération non permise",
            "Operación no permitida",
            "Operazione non permessa",
            "Operação não permitida",
            "Операция не позволена",
            "Operacja niedozwolona",
            "不允许的操作",
            "此項操作並不被允許",
            "許可されていない操作です",
            "명령을 허용하지 않음",
        ],
    ),
    (
        "Read-only file system",
        &[
            "Das Dateisystem ist nur lesbar",
            "Système de fichiers accessible en lecture seulement",
            "Sistema de ficheros de sólo lectura",
            "Sistema de archivos de solo lectura",
            "File system in sola lettura",
            "Sistema de arquivos somente para leitura",
            "Файловая система доступна только для чтения",
            "只读文件系统",
            "唯讀檔案系統",
            "読み込み専用ファイルシステムです",
        ],
    ),
    (
        "command not found",
        &[
            "Kommando nicht gefunden",
            "Befehl nicht gefunden",
            "commande introuvable",
            "orden no encontrada",
            "comando non trovato",
            "comando não encontrado",
            "команда не найдена",
            "nie znaleziono polecenia",
            "未找到命令",
            "コマンドが見つかりません",
        ],
    ),
    (
        "Illegal instruction",
        &[
            "Ungültiger Maschinenbefehl",
            "Instruction non permise",
            "Instrucción ilegal",
            "Недопустимая инструкция",
            "非法指令",
        ],
    ),
    (
        "cannot open shared object file",
        &[
            "Kann die Shared-Object-Datei nicht öffnen",
            "Ne peut ouvrir le fichier d'objet partagé",
            "ne peut ouvrir le fichier d'objet partagé",
            "no se puede abrir el archivo de objeto compartido",
            "не удаётся открыть общий объектный файл",
            "无法打开共享对象文件",
            "共有オブジェクトファイルを開けません",
        ],
    ),
];

/// The text with messages in English; itself where it has none of another language.
pub(super) fn in_english(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for (english, others) in MESSAGES {
        for other in others {
            if text.contains(other) {
                text = Cow::Owned(text.replace(other, english));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::in_english;

    #[test]
    fn messages_of_other_languages_are_read_as_english_ones() {
        for (text, english) in [
            (
                "bash: ./app: Datei oder Verzeichnis nicht gefunden",
                "bash: ./app: No such file or directory",
            ),
            ("sh: ./app: 权限不够", "sh: ./app: Permission denied"),
            (
                "-bash: ./app: 无法执行二进制文件：可执行文件格式错误",
                "-bash: ./app: cannot execute binary file: Exec format error",
            ),
            ("no such file", "no such file"),
        ] {
            assert_eq!(in_english(text), english);
        }
    }
}
