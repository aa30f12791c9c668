function message(text) {
    alert(text);
}
